"""The document in which a case is played: the clip, its captions and a few buttons; nothing of the recording else."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.templates import template
from liyi.core.words import N_, translate
from liyi.records.case_tables import CaseForm
from liyi.report import player

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Path(__file__).parent
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "media-src 'self'", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
))  # fmt: skip
SENTENCES: Mapping[str, str] = {
    "play": N_("Play"),
    "pause": N_("Pause"),
    "gone": N_("This cannot be shown any more. Load the page again."),
}


def document(
    *,
    form: CaseForm,
    media: str,
    length_s: float,
    captions: Sequence[Mapping[str, Any]],
    lang: str,
    from_s: float = 0.0,
    clock: Sequence[Sequence[float]] = ((0.0, 0.0),),
) -> str:
    """The page as the text of one HTML document.

    Parameters
    ----------
    form, media
        How the clip is shown, and the address of its file beside the page.
    length_s, captions
        Of the clip, which begins at second 0.
    lang
        ``zh`` or ``en``.
    from_s
        Where the clip begins: the owner of a recording looks at a stretch of it before anything is cut.
    clock
        From which second of the recording on the file's own clock, by which a player goes, is how many seconds ahead.
    """
    told = {
        "form": form.value, "media": media, "duration": round(length_s, 3), "from": round(from_s, 3),
        "clock": [list(each) for each in clock], "captions": list(captions),
        "words": {key: translate(each, lang) for key, each in SENTENCES.items()},
    }  # fmt: skip
    context = {
        "_": partial(translate, lang=lang), "lang": lang, "film": form == CaseForm.as_is, "media": media,
        "length_s": round(length_s, 3), "clip_data": player.script_json(told),
    }  # fmt: skip
    return template("case.html.j2", HERE.parent / "templates").render(context)
