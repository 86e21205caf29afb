"""The document of two attempts side by side: two players that run together, and what each came to, by criterion."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from liyi.core import words
from liyi.core.moments import moment, zone_of
from liyi.core.templates import template
from liyi.core.words import N_, translate
from liyi.etiquette.change import change, change_of_total, comparable
from liyi.etiquette.store import load_heading
from liyi.records.operations import people as known_people
from liyi.report import captions, findings, player, totals
from liyi.ui import people
from liyi.ui.comparing import matching
from liyi.ui.review import actions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.change import Change
    from liyi.ui.comparing.beside import Pair
    from liyi.ui.comparing.matching import Phrase, Piece
    from liyi.ui.review.reviewing import Reviewed

HERE = Path(__file__).parent
_SHARE = 0.3  # of the shorter transcript that must stand in both before they begin aligned by phrase

# What the browser half says, by the key that it knows.
SENTENCES: Mapping[str, str] = {
    "no_phrase": N_("No phrase is the same in both, so they are aligned by time."),
    "first_phrase": N_("This is the first phrase that both say."),
    "last_phrase": N_("This is the last phrase that both say."),
    "heard": N_("Heard: {name}"),
    "aligned": N_("Aligned: {how}"),
    "camera": N_("Shown: {camera}"),
    "one_camera": N_("Both have to be recorded from the side as well."),
    "pause": N_("Pause"),
    "broken": N_("This recording cannot be played here."),
}
CAMERAS = (N_("From the front"), N_("From the side"))
ALIGNMENTS: Mapping[str, str] = {
    "start": N_("From the start"), "speech": N_("From the first word"), "phrase": N_("By phrase"),
}  # fmt: skip
_CHANGES: Mapping[Change | None, tuple[str, str, str]] = {
    "better": ("▲", "good", N_("better")),
    "worse": ("▼", "attention", N_("not as good")),
    "none": ("＝", "open", N_("no clear change")),
    None: ("○", "open", N_("cannot be compared")),
}


def document(pair: Pair, others: Sequence[Reviewed], *, lang: str, zone: str, review: str, here: str) -> str:
    """The page as the text of one HTML document.

    Parameters
    ----------
    pair
        The two attempts, and on whose behalf.
    others
        Attempts that could stand beside the one that is reviewed.
    lang
        ``zh`` or ``en``.
    zone
        Time zone of the reader, such as ``Asia/Shanghai``.
    review
        Address of the review to which it leads back.
    here
        Id (hexadecimal) of the recording that is reviewed: it stays when another attempt is chosen.
    """
    when = zone_of(zone)
    one, other = (each.assessment for each in pair.sides)
    found = matching.phrases(one.transcript, other.transcript)
    shown = [_side(each, when) for each in pair.sides]
    data = {
        "lang": lang,
        "review": review,
        "sides": [_played(each) for each in pair.sides],
        "names": [each["when"] for each in shown],
        "alignments": _alignments(one, other, found),
        "begin": _begin(one, other, found),
        "phrases": [[each.start_s, each.end_s, each.text] for each in found],
        "words": _words(lang),
        "how": {id: translate(name, lang) for id, name in ALIGNMENTS.items()},
        "actions": actions.shown(actions.BESIDE, lang),
        "cameras": [translate(each, lang) for each in CAMERAS],
    }
    return template("beside.html.j2", HERE.parent / "templates").render(
        _=partial(translate, lang=lang), lang=lang, title=_whose(pair), sides=shown,
        alignments=[(id, translate(name, lang)) for id, name in ALIGNMENTS.items()], spoken=bool(found),
        review=review, rows=_rows(one, other, lang), total=_total(one, other, lang),
        unlike="" if comparable(one, other) else translate(_UNLIKE, lang),
        two_cameras=all(each["side"] for each in data["sides"]),
        choices=[_choice(each, pair, here, when, lang) for each in others], data=player.script_json(data),
    )  # fmt: skip


_UNLIKE = N_(
    "The two were judged by different scenes or norm packs: values stand side by side; a change is told only where the "
    "same was measured in the same unit."
)
NOTHING = N_(
    "There is no second attempt to compare with: it must be submitted by the same person and assessed, and no blind "
    "rating of either may be due. Photos cannot be played together."
)


def nothing(review: str, lang: str) -> str:
    """The page where there is no other attempt."""
    return template("beside.html.j2", HERE.parent / "templates").render(
        _=partial(translate, lang=lang), lang=lang, title=translate(actions.TOGETHER, lang), review=review, sides=(),
        nothing=translate(NOTHING, lang),
    )  # fmt: skip


def _words(lang: str) -> dict[str, str]:
    fields = {key: {name: f"{{{name}}}" for _, name, _, _ in Formatter().parse(each) if name}
              for key, each in SENTENCES.items()}  # fmt: skip
    return {key: translate(sentence, lang, **fields[key]) for key, sentence in SENTENCES.items()}


def _whose(pair: Pair) -> str:
    return known_people.person(people.records(), pair.after.viewer, pair.after.recording.person_id).name


def _side(on: Reviewed, when: tzinfo) -> dict[str, Any]:
    of = on.recording
    return {
        "id": of.id.hex,
        "when": moment(of.created_at, when),
        "length": words.clock(of.duration_s or 0),
    }


def _played(on: Reviewed) -> dict[str, Any]:
    """What the player of one side needs: length, the file's own clock, and what is said when."""
    heading = load_heading(on.measures())
    said = [
        [line.start_s, line.end_s, captions.punctuated(line.text)] for line in on.assessment.transcript if line.text
    ]
    return {"duration": heading.duration_s, "clock": player.clock_in_file(heading) or [[0, 0]], "said": said,
            "side": _from_the_side(on)}  # fmt: skip


def _from_the_side(on: Reviewed) -> dict[str, float] | None:
    """How the clock of the file from the side goes by that of the recording; None where there is none, or not sure."""
    side = on.assessment.recording.side
    if on.recording.side_sha256 is None or side is None or side.alignment is None:
        return None
    return {"offset": side.alignment.offset_s, "rate": 1 + side.alignment.drift_ppm * 1e-6}


def _alignments(one: Assessment, other: Assessment, found: Sequence[Phrase]) -> dict[str, list[list[float]] | None]:
    """By each way of aligning the pieces of the map from the first recording's seconds to the second's."""
    begins = [_first_word_s(each) for each in (one, other)]
    spoken = None if None in begins else matching.by_time((begins[1] or 0.0) - (begins[0] or 0.0))
    by_phrase = matching.by_phrase(found) if found else None
    return {
        "start": _plain(matching.by_time(0.0)),
        "speech": _plain(spoken) if spoken else None,
        "phrase": _plain(by_phrase) if by_phrase else None,
    }


def _plain(pieces: Sequence[Piece]) -> list[list[float]]:
    return [[round(each.from_s, 3), round(each.at_s, 3), round(each.rate, 4)] for each in pieces]


def _first_word_s(assessment: Assessment) -> float | None:
    return next((word.start_s for line in assessment.transcript for word in line.words), None)


def _begin(one: Assessment, other: Assessment, found: Sequence[Phrase]) -> str:
    """How they are aligned at first: by phrase where much of what is said is the same."""
    said_s = min(sum(line.end_s - line.start_s for line in each.transcript) for each in (one, other))
    same_s = sum(each.end_s - each.start_s for each in found)
    if found and same_s >= _SHARE * said_s:
        return "phrase"
    return "start" if None in (_first_word_s(one), _first_word_s(other)) else "speech"


def _choice(each: Reviewed, pair: Pair, here: str, when: tzinfo, lang: str) -> dict[str, Any]:
    """An attempt that could stand beside the one that is reviewed."""
    name = (
        each.pack.profile_name(each.row.profile, lang) if each.row.profile in each.pack.profiles else each.row.profile
    )
    chosen = {side.recording.id.hex for side in pair.sides} - {here}
    return {
        "id": each.recording.id.hex,
        "text": " · ".join(
            (moment(each.recording.created_at, when), name, words.clock(each.recording.duration_s or 0))
        ),
        "chosen": each.recording.id.hex in chosen,
    }


def _total(one: Assessment, other: Assessment, lang: str) -> dict[str, Any]:
    return {
        "name": totals.total_name(other, lang),
        "values": ["–" if each.total is None else totals.total_text(each, lang) for each in (one, other)],
        **_changed(change_of_total(one, other), lang),
    }


def _rows(one: Assessment, other: Assessment, lang: str) -> list[dict[str, Any]]:
    """Each criterion that either was judged by, in the order of the later one: both values, and what changed."""
    before = {each.criterion: each for each in one.verdicts}
    after = {each.criterion: each for each in other.verdicts}
    ids = [*after, *(id for id in before if id not in after)]
    shown = []
    for id in ids:
        either = after.get(id) or before[id]
        if either.kind == "condition":
            continue
        pair = before.get(id), after.get(id)
        if all(each is None or each.status == "not_assessed" for each in pair):
            continue  # told in the reports; two gaps tell nothing of a change
        known = change(pair[0], pair[1]) if pair[0] and pair[1] else None
        shown.append({
            "name": findings.name_of(either, lang),
            "values": [_value(each, lang) for each in pair],
            **_changed(known, lang),
        })  # fmt: skip
    return shown


def _changed(found: Change | None, lang: str) -> dict[str, str]:
    shape, style, word = _CHANGES[found]
    return {"shape": shape, "style": style, "word": translate(word, lang)}


def _value(verdict: Verdict | None, lang: str) -> dict[str, str]:
    """Value with its error, the mark, and why there is none."""
    if verdict is None:
        return {"shape": "", "style": "open", "mark": "", "text": translate("not in this scene", lang)}
    mark = findings.mark_of(verdict)
    if verdict.value is None:
        text = words.explain_reason(verdict.reason, lang)
    else:
        text = words.quantity(verdict.value, verdict.unit, lang, error=verdict.error)
        if verdict.typical is not None:
            behind = words.quantity(verdict.typical, verdict.typical_unit, lang, error=verdict.typical_error)
            text = f"{text} · {behind}"
    return {"shape": mark.shape, "style": mark.style, "mark": mark.word(lang), "text": text}
