"""Moments as people read them: everything is stored in UTC and told by a clock on somebody's wall.

A terminal and a page show the clock of whoever sits there; what is handed on (a report's file) names its zone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str | None) -> tzinfo:
    """The zone that a browser names; UTC for one that this machine does not know."""
    with suppress(ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(name or "UTC")
    return UTC


def moment(at: datetime | float | str, zone: tzinfo | None = None, *, named: bool = False) -> str:
    """Date and time, such as ``2026-11-24 12:12``.

    Parameters
    ----------
    at
        With its zone, as seconds since 1970, or as ISO 8601 writes it. A text that is none is given back as it is.
    zone
        Whose clock it is told by; the machine's own when not given.
    named
        Whether the offset of that clock follows: ``2026-11-24 12:12 UTC+08:00``.
    """
    if isinstance(at, str):
        try:
            at = datetime.fromisoformat(at)
        except ValueError:
            return str(at)
    if not isinstance(at, datetime):
        at = datetime.fromtimestamp(at, UTC)
    text = at.astimezone(zone).isoformat(" ", timespec="minutes")
    clock, offset = text[:16], text[16:]
    return f"{clock} UTC{offset.removeprefix('+00:00')}" if named else clock


def day(at: datetime | float | str, zone: tzinfo | None = None) -> str:
    """The date alone, such as ``2026-11-24``, by the same clock."""
    return moment(at, zone)[:10]


def month_of(at: datetime) -> datetime:
    """The beginning of the month in which a moment lies."""
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
