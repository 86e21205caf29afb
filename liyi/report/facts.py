"""What a report says of itself: what the picture shows, what was read by what, where all of it came from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.moments import moment
from liyi.core.words import N_, translate
from liyi.etiquette.misheard import MOST_MISHEARD, reading_error
from liyi.etiquette.performance import measures
from liyi.report import findings
from liyi.scoring.confirming import answers_in, with_answers

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment, SideInfo
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance
    from posture.body import Body

CAMERAS = {
    "front": N_("from the front"),
    "oblique": N_("from an angle"),
    "side": N_("from the side"),
    "both": N_("from the front and from the side"),
    "none": N_("no picture"),
}
FRAMINGS = {"upper_body": N_("upper body"), "full_body": N_("full body"), "none": N_("nobody in the picture")}
POSITIONS = {"standing": N_("standing"), "sitting": N_("sitting"), "unknown": N_("position unknown")}
_SAID = {"yes": N_("Yes"), "no": N_("No"), "unclear": N_("Cannot tell")}


def subtitle(assessment: Assessment, pack: NormPack, lang: str, *, has_picture: bool) -> str:
    """By which pack was judged, and what the picture shows."""
    recording = assessment.recording
    about = [f"{words.pick(pack.name, lang) or pack.id} {assessment.pack.version}"]
    if recording.camera != "none" or not has_picture:  # else the reasons say why nobody could be seen in it
        about.append(translate(CAMERAS[recording.camera], lang))
    if recording.camera != "none":
        about += [translate(FRAMINGS[recording.framing], lang), translate(POSITIONS[recording.position], lang)]
    return " · ".join(about)


def calibration_note(body: Body | None, lang: str) -> str:
    """With which seconds the rest is compared, or why nothing is."""
    if body is None:
        return translate("The file has no picture: the voice alone was assessed.", lang)
    if body.calibration is None:
        return translate(
            "There is no calibration stretch: what compares a person with their own upright posture was not assessed.",
            lang,
        )
    return translate(
        "Calibration stretch {span}: the quiet, upright seconds with which the rest is compared.",
        lang,
        span=words.span(body.calibration.start_s, body.calibration.end_s),
    )


def reading_note(performance: Performance, lang: str) -> str:
    """What a known text that was read aloud means for the words; nothing where none was read."""
    error = reading_error(performance)
    if error is None:
        return ""
    widened = N_("In a text read aloud, the recogniser misheard {share} of the syllables: the criteria of words are "
                 "judged with that much more error.")  # fmt: skip
    left_out = N_("In a text read aloud, the recogniser misheard {share} of the syllables, too many: the criteria of "
                  "words are not assessed.")  # fmt: skip
    sentence = left_out if error > MOST_MISHEARD else widened
    return translate(sentence, lang, share=words.quantity(round(100 * error), "%", lang))


def facts(assessment: Assessment, pack: NormPack, performance: Performance, lang: str) -> list[tuple[str, str, str]]:
    """Provenance as (name, value, checksum): enough to do it again and get the same."""
    recording = assessment.recording
    read_by = with_answers(assessment.options, ())
    options = "; ".join(f"{key} = {value}" for key, value in read_by.items() if value not in (None, [], ()))
    pack_name = words.pick(pack.name, lang) or pack.id
    made = f"{moment(assessment.created_at, named=True)} ({words.quantity(assessment.elapsed_s, 's', lang)})"
    return [
        (translate("Recording", lang), recording.name, f"sha256 {recording.sha256}"),
        *_side_facts(recording.side, lang),
        (translate("People seen", lang), str(recording.people), ""),
        (translate("Language heard", lang), _language(performance.language, lang), ""),
        (translate("Norm pack", lang), f"{pack_name} ({assessment.pack.id} {assessment.pack.version})",
         f"sha256 {assessment.pack.sha256}"),
        (translate("Profile", lang), f"{pack.profile_name(assessment.profile, lang)} ({assessment.profile})", ""),
        (translate("Options", lang), options or "–", ""),
        *((translate("Answered", lang), told, "") for told in _answers(assessment, lang)),
        *((translate("Model", lang), model.id, f"sha256 {model.sha256}") for model in assessment.models),
        ("Liyi", f"{assessment.liyi_version} · schema {assessment.schema_version}", ""),
        (translate("Made", lang), made, ""),
    ]  # fmt: skip


def _side_facts(side: SideInfo | None, lang: str) -> list[tuple[str, str, str]]:
    """The recording from the side, and where it begins."""
    if side is None:
        return []
    found = side.alignment
    told = translate("not aligned", lang) if found is None else translate(
        "begins at second {offset} of the recording, aligned by its sound to ±{error} ms ({agreeing} of {windows} "
        "windows; clocks differ by {drift} millionths)", lang, offset=f"{found.offset_s:.3f}",
        error=math.ceil(1000 * found.error_s), agreeing=found.agreeing, windows=found.windows,
        drift=words.number(found.drift_ppm, 0))  # fmt: skip
    return [(translate("Recording from the side", lang), f"{side.name}: {told}", f"sha256 {side.sha256}")]


def _language(heard: str | None, lang: str) -> str:
    """The name of a language; of one that no pack judges its code."""
    known = {"zh": N_("Mandarin"), "en": N_("English")}
    return translate(known[heard], lang) if heard in known else heard or "–"


def _answers(assessment: Assessment, lang: str) -> list[str]:
    """What the person said of undecided moments, one line each."""
    names = {v.criterion: findings.name_of(v, lang) for v in assessment.verdicts}
    heard = {v.criterion for v in assessment.verdicts if (m := measures().get(v.measure)) and not m.by_picture}
    said = {**_SAID, "unclear": N_("Cannot hear it")}
    return [
        f"{names.get(a.criterion, a.criterion)} {words.span(a.start_s, a.end_s)}: "
        f"{translate((said if a.criterion in heard else _SAID)[a.said], lang)}"
        for a in answers_in(assessment.options)
    ]
