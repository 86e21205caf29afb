"""What a report knows beside the assessment: whose it is, where its recording plays, what its reader can still do.

A report written by the command line knows nothing of this; the web app fills it in from its records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.report.remarks import NOTHING, Remarks

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment


@dataclass(frozen=True)
class Setting:
    """Where, and for whom, a report is shown.

    Attributes
    ----------
    person : str
        Name of the person; empty where it is not known.
    at : str
        Date and time of the recording as its reader's clock shows them; empty for the date of the assessment.
    before : Assessment or None
        The same person's assessment before this one, under the same pack and profile.
    media : str
        Address of the recording: relative, such as the name of a file beside the report.
    side_media : str
        Address of the recording from the side, where there is one that may be played.
    in_app : bool
        Whether the app serves it: then drills can be opened.
    asks : bool
        Whether its reader is the person, who can say what an undecided moment was.
    seen_by : str
        One sentence on who can see this report, in its language.
    drill : str
        Title of the drill, in the report's language, of which the recording is a take; empty for any other.
    remarks : Remarks
        What people said of the recording; nothing in a report that is taken away, unless its reader asked for it.
    """

    person: str = ""
    at: str = ""
    before: Assessment | None = None
    media: str = ""
    side_media: str = ""
    in_app: bool = False
    asks: bool = False
    seen_by: str = ""
    drill: str = ""
    remarks: Remarks = NOTHING


ALONE = Setting()
