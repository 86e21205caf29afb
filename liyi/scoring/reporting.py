"""What scoring asks of a report: pictures drawn while the recording is open, and a page beside the results.

Scoring itself knows no report. Whoever has a recording scored hands one in; `liyi.report.html.HTML` is the one that
ships.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from liyi.core.trace import Signal, View
    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from liyi.media.aligning import Alignment
    from liyi.media.recording import Media
    from posture.body import Body

    Draw = Callable[[Sequence["Shown"], Assessment, Mapping[str, Signal]], "Mapping[str, Still]"]

MOST_STILLS = 12  # more would be skipped over, and each costs a seek and about 50 kB


@dataclass(frozen=True)
class Still:
    """A drawn picture as JPEG bytes, its moment in seconds and its size in pixels."""

    jpeg: bytes
    t_s: float
    width: int
    height: int


@dataclass(frozen=True)
class Shown:
    """An opened recording to draw from, and where the joints are in it.

    ``view`` is empty of the only one. ``alignment`` carries the moments of a second one over to the first, by which
    ``body`` and every moment that is asked for is told.
    """

    media: Media
    body: Body
    view: View = ""
    alignment: Alignment | None = None


class WritePage(Protocol):
    """Gives the text of ``report.html``."""

    def __call__(
        self,
        assessment: Assessment,
        performance: Performance,
        signals: Mapping[str, Signal],
        *,
        pack: NormPack,
        lang: str,
        stills: Mapping[str, Still] | None,
    ) -> str:
        """Parameters as for `liyi.report.html.write_report`."""


@dataclass(frozen=True)
class Report:
    """How the results of one recording are shown.

    Attributes
    ----------
    draw
        Draws at most `MOST_STILLS` pictures, by criterion. The child that decodes the recording calls it, which finds
        it again by its name: a function of a module, no lambda.
    write
        Writes the page, from measures and pictures that were checked. The child never calls it.
    stills_in
        Takes the pictures out of a page that was written before, as far as they still show a finding: measures that are
        judged again have no recording beside them to draw from.
    """

    draw: Draw
    write: WritePage
    stills_in: Callable[[str, Assessment], Mapping[str, Still]]
