"""How much a recording may hold, and how much the process that reads it may take.

Defaults are far above any rehearsal and within what one machine can bear. An administrator sets ``LIYI_LIMIT_`` with
a field's name in capitals, such as ``LIYI_LIMIT_HOURS=12``.
"""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PREFIX = "LIYI_LIMIT_"


@dataclass(frozen=True)
class Limits:
    """Bounds; the first group on the recording, the second on the process that decodes it.

    Attributes
    ----------
    file_gb : float
        Size of the file, in 10^9 bytes.
    hours : float
        Length.
    megapixels : float
        Of one picture, in 10^6; 8K is 33. One decoded picture then stays under 130 MB.
    terapixels : float
        Of all pictures together, in 10^12; four hours of 4K at 30 a second are 3.6.
    frame_rate_hz : float
        Mean rate of the pictures; telephones record slow motion at up to 960.
    sample_rate_hz, channels : float
        Of the sound.
    tracks : float
        Pictures, sounds and whatever else the container holds.
    packets : float
        Of all pictures and sounds together; four hours of the shortest sound packets (2.5 ms)
        are 5.8 million, and take half a minute to survey.
    memory_gb : float
        Resident memory, in 10^9 bytes; a recording usually takes 1.
    seconds : float
        Wall clock for a recording of no length, models loaded on the way.
    seconds_per_second : float
        Wall clock on top for every second of the recording; a quiet core takes 0.5.
    written_gb : float
        Largest file that may be written.
    open_files : float
        Files open at once.
    """

    file_gb: float = 8.0
    hours: float = 4.0
    megapixels: float = 40.0
    terapixels: float = 4.0
    frame_rate_hz: float = 1000.0
    sample_rate_hz: float = 384_000.0
    channels: float = 32.0
    tracks: float = 64.0
    packets: float = 6_000_000.0

    memory_gb: float = 4.0
    seconds: float = 300.0
    seconds_per_second: float = 10.0
    written_gb: float = 16.0
    open_files: float = 512.0

    def wall_s(self, duration_s: float) -> float:
        """Seconds of wall clock for a recording that lasts ``duration_s``."""
        return self.seconds + self.seconds_per_second * duration_s

    def as_environment(self) -> dict[str, str]:
        """Variables from which `current_limits` reads these limits again."""
        return {_PREFIX + name.upper(): repr(value) for name, value in asdict(self).items()}


def current_limits(environment: Mapping[str, str] | None = None) -> Limits:
    """Limits as the environment sets them.

    Raises
    ------
    LiyiError
        When a variable holds no number above 0.
    """
    given = os.environ if environment is None else environment
    return Limits(**{
        field.name: _number(name, given[name])
        for field in fields(Limits)
        if (name := _PREFIX + field.name.upper()) in given
    })  # fmt: skip


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise LiyiError("{name} is {value}: set it to a number above 0, or remove it.", name=name, value=text)
    return value
