"""What came of joining a recording's pieces; without the decoder, for whoever only asks what it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Joined:
    """A joined recording, and how many seconds of its pieces are not read back from it; 0 where it is whole."""

    path: Path
    lost_s: float = 0.0
