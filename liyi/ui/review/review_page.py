"""The document of a review: the report's player and the inspector, with all that they need in it.

Before a blind rating nothing that the tool found stands in it: no score, no mark, no lane, no joint, no marked word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from liyi.core import words
from liyi.core.moments import moment, zone_of
from liyi.core.templates import template
from liyi.core.words import N_, translate
from liyi.etiquette.assess import signals_of
from liyi.etiquette.store import load_outline, load_performance
from liyi.records.operations import people as known_people
from liyi.report import player, totals, wording
from liyi.scoring.confirming import answers_in, informed, settled
from liyi.scoring.folder import ASSESSMENT
from liyi.ui import outcomes, pages, people
from liyi.ui.review import actions, inspecting, reviewing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.store import Outline
    from liyi.ui.review.reviewing import Reviewed

HERE = Path(__file__).parent
POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "media-src 'self'",
    "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'",
))  # fmt: skip

# What the browser half says, by the key that it knows.
SENTENCES: Mapping[str, str] = {
    "saving": N_("Saving"),
    "saved": N_("Saved"),
    "undone": N_("Taken back"),
    "nothing_to_undo": N_("There is nothing to take back on this page."),
    "gone": N_(
        "This could not be kept. What you typed stays here: load the page again in another tab, then try again."
    ),
    "offline": N_("The server cannot be reached. What you typed stays here: try again when the connection is back."),
    "choose_first": N_("Choose a finding first: N goes to the next one."),
    "added_by_hand": N_("This finding was added by a person: take it back, or add another one."),
    "nothing_found": N_("The tool has found nothing to look at here. Add what you see yourself, or send the review."),
    "take_back": N_("Take back"),
    "undecided": N_("undecided"),
    "veto": N_("red line: a person decides"),
    "rest": N_("All other criteria ({count})"),
    "appeal": N_("Appeal"),
    "uphold": N_("Uphold the appeal"),
    "keep_finding": N_("Keep the finding"),
    "uphold_title": N_("Uphold the appeal against “{name}”: say why"),
    "keep_title": N_("Keep the finding “{name}”: say why"),
    "then_rejected": N_("Reject the finding"),
    "then_changed": N_("Change it to: {word}"),
    "stock": N_("Keep among my phrases"),
    "tab_findings": N_("Findings · {count} open"),
    "tab_comments": N_("Comments · {count}"),
    "no_comments": N_("No comments yet."),
    "on_all": N_("On all of it"),
    "comment_all": N_("Comment on all of it"),
    "do_edit": N_("Change"),
    "do_comment": N_("Comment"),
    "text": N_("Comment"),
    "keep": N_("Keep"),
    "cancel": N_("Cancel"),
    "other_reason": N_("Another reason"),
    "need_reason": N_("Give a reason: choose one by its number, or write it."),
    "need_text": N_("Write a sentence first."),
    "need_score": N_("Choose a step first, or give a number from 0 to 100."),
    "need_criterion": N_("Choose a criterion first: type a part of its name, then Enter."),
    "exact": N_("Exact, 0 to 100"),
    "reject_title": N_("Reject “{name}”: why?"),
    "change_title": N_("Change “{name}”"),
    "comment_title": N_("Comment: {where}"),
    "add_title": N_("Add a finding: {start} to {end}"),
    "which": N_("Which criterion?"),
    "marked": N_("Start marked at {time}: O marks the end."),
    "not_blind": N_("This recording was not drawn for a blind rating, or you have rated it already."),
    "machine": N_("The tool's total"),
    "after": N_("After review"),
    "sum_confirmed": N_("Confirmed"),
    "sum_rejected": N_("Rejected"),
    "sum_changed": N_("Changed"),
    "sum_added": N_("Added"),
    "sum_comments": N_("Comments"),
    "sum_open": N_("Not decided"),
    "rating_why": N_(
        "You rate this recording before you see what the tool found, so that people and tool can be compared. Rate "
        "what you see and hear: a digit rates and goes on, N and P move, Enter sends."
    ),
    "rating_progress": N_("Rated: {done} of {count}"),
    "rating_done": N_("Everything is rated."),
    "rating_need": N_("Rate every criterion first; 0 says that you cannot tell."),
    "rating_none": N_("Rate at least one criterion."),
    "rating_send": N_("Send the rating and show the result"),
    "cannot_tell": N_("cannot tell"),
}  # fmt: skip
REASONS: Mapping[str, tuple[str, ...]] = {
    "reasons_rejected": (
        N_("The tool has seen or heard wrongly."),
        N_("The work required it at this moment."),
        N_("It was somebody else."),
        N_("Too short or too slight to count."),
    ),
    "reasons_changed": (
        N_("Better than measured."),
        N_("Worse than measured."),
        N_("Measured on too little."),
        N_("The situation must be taken into account."),
    ),
    "reasons_added": (
        N_("Clearly to be seen here."),
        N_("Clearly to be heard here."),
    ),
    "phrases": (
        N_("Well done: keep it so."),
        N_("Watch this moment again, then practise it alone."),
        N_("Pause before you answer, then speak."),
        N_("Look at the person while you speak."),
    ),
}


def words_of(lang: str) -> dict[str, Any]:
    """Everything that the browser half says, in a reader's language."""
    return {
        **{key: translate(sentence, lang, **_as_written(sentence)) for key, sentence in SENTENCES.items()},
        **{key: [translate(each, lang) for each in group] for key, group in REASONS.items()},
        "steps": [
            {"word": mark.word(lang), "score": None if score is None else round(100 * score)}
            for mark, score in inspecting.STEPS
        ],
    }


def _as_written(sentence: str) -> dict[str, str]:
    """Its fields as they stand: the browser half fills them in."""
    return {name: f"{{{name}}}" for _, name, _, _ in Formatter().parse(sentence) if name}


def document(on: Reviewed, *, lang: str, zone: str, queue: str) -> str:
    """The page as the text of one HTML document.

    Parameters
    ----------
    on
        What is reviewed, by whom.
    lang
        ``zh`` or ``en``.
    zone
        Time zone of the reader, such as ``Asia/Shanghai``.
    queue
        Address of the page that lists what waits.
    """
    blind = on.blind
    outline = load_outline(on.measures())
    size = {} if blind or outline.size is None else {"size": list(outline.size)}
    with people.acting(on.viewer):
        proposes = pages.has("cases", people.roles())
    state = reviewing.state(on, lang)
    review_data = {
        "id": on.recording.id.hex,
        "reader": on.viewer.person_id.hex,
        "lang": lang,
        "photo": on.assessment.is_photo,
        "words": words_of(lang),
        "actions": actions.table(lang, rating=blind, proposing=proposes),
        "state": state,
    }
    context = {
        "_": partial(translate, lang=lang),
        "lang": lang,
        "title": _title(on, lang, blind=blind),
        "about": " · ".join(
            (
                *(() if blind else (moment(on.recording.created_at, zone_of(zone)),)),
                words.clock(on.recording.duration_s or 0),
            )
        ),
        "queue": queue,
        "blind": blind,
        "proposes": proposes,
        "machine": "" if blind else totals.total_name(on.assessment, lang),
        "total": state.get("total", ""),
        "player": _player(on.assessment, outline, blind=blind, lang=lang),
        "player_data": player.script_json({**player.outline_data(outline, "recording"), **size}),
        "review_data": player.script_json(review_data),
    }
    return template("review.html.j2", HERE.parent / "templates").render(context)


def _title(on: Reviewed, lang: str, *, blind: bool) -> str:
    """Whose it is, and the scene; before a blind rating the scene alone."""
    profile = on.pack.profile_name(on.row.profile, lang) if on.row.profile in on.pack.profiles else on.row.profile
    if blind:
        return f"{translate('Blind rating', lang)} · {profile}"
    name = known_people.person(people.records(), on.viewer, on.recording.person_id).name
    return f"{name} · {profile}"


@dataclass(frozen=True)
class _Source:
    """From what the measured part of the page is made; files of the vault are named by what is in them."""

    told: Path
    measured: Path
    pack_sha256: str
    lang: str
    blind: bool
    side_media: str
    pack: NormPack = field(compare=False)


def measured(on: Reviewed, lang: str) -> str:
    """What the page asks for once it stands, as JSON: captions, joints and lines through them, level of the voice."""
    side_media = "side" if on.recording.side_sha256 else ""
    return _measured(_Source(on.paths[ASSESSMENT], on.measures(), on.pack.sha256, lang, on.blind, side_media, on.pack))


@lru_cache(maxsize=16)  # who may see it was asked before
def _measured(source: _Source) -> str:
    assessment, pack, lang = outcomes.read(source.told), source.pack, source.lang
    answers = answers_in(assessment.options)
    performance = informed(load_performance(source.measured), pack, answers)
    if source.blind:
        bare = assessment.model_copy(update={"verdicts": (), "dimensions": {}})
        side = performance.side and replace(performance.side, body=None)
        told = player.measured_data(bare, replace(performance, body=None, side=side), (), source.side_media)
    else:
        signals = settled(signals_of(performance, pack, only=_needed(pack)), pack, answers)
        heard = wording.heard(assessment, performance, signals, pack)
        told = player.measured_data(assessment, performance, heard, source.side_media)
    return json.dumps({**told, "level": player.level_strip(performance, lang)}, separators=(",", ":"))


def _needed(pack: NormPack) -> set[str]:
    """Criteria whose signals say how words are marked: listed phrases."""
    return {id for id, criterion in pack.criteria.items() if "phrases" in criterion.params}


def _player(assessment: Assessment, outline: Outline, *, blind: bool, lang: str) -> Markup:
    """The report's own player, without the report around it."""
    context = {
        "_": partial(translate, lang=lang),
        "a": assessment,
        "media": "recording",
        "media_name": translate("Recording", lang) if blind else assessment.recording.name,
        "sound_only": player.is_sound(assessment.recording.name, picture=outline.size is not None),
        "runs_twice": player.clock_in_file(outline) is None,
        "length": words.clock(outline.duration_s),
        "lanes": [] if blind else player.lanes(assessment, outline.duration_s, lang),
        "level": player.level_place(lang) if outline.sound else None,
    }
    page = template("report.html.j2", player.SCRIPT.parent)
    return Markup("".join(page.blocks["player"](page.new_context(context))))
