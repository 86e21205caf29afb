"""A file with one drill of a unit's own, as `liyi drills check` takes it; tests change what they are about."""

from __future__ import annotations


def drill_text(id: str, *, title: str = "肩", what: str = "放平", seconds: float = 10.0) -> str:
    """The text of the file, by the drill's id."""
    return f"""[drills.{id}]
title = {{ zh = "{title}" }}
module = "posture"
what = {{ zh = "{what}" }}
why = {{ zh = "好看" }}
seconds = {seconds}
profile = "seated"
criteria = ["shoulder_tilt"]
"""
