"""A recording of which nothing at all could be assessed is refused in one sentence that says why."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from liyi.core.errors import MediaError
from liyi.core.reasons import Reason

if TYPE_CHECKING:
    from pathlib import Path

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.performance import Performance


def refuse_empty(assessment: Assessment, performance: Performance, pack: NormPack, path: str | Path) -> None:
    """Say in one sentence why nothing at all could be assessed, rather than write an assessment of nothing."""
    from liyi.etiquette.performance import missing_person
    from speech.measures.phrasing import whispered

    if any(verdict.status == "assessed" for verdict in assessment.verdicts):
        return
    missing = missing_person(performance.body)
    if missing is Reason.TOO_DARK:
        raise MediaError(
            path, "{file} is too dark to see a person: put a lamp in front of the person and record again."
        )
    if performance.kind == "photo":
        _refuse_photo(assessment, missing, path)
    seen = missing not in (Reason.NO_PICTURE, Reason.NO_PERSON)
    if not seen and performance.voice and whispered(performance.voice):
        raise MediaError(path, "{file} sounds like whispering, without a voice: speak aloud and record again.")
    if missing is Reason.NO_PICTURE and performance.speech_s == 0:
        raise MediaError(path, "{file} holds no speech: check the microphone and record again.")
    if not seen and performance.speech_s == 0:
        raise MediaError(path, "{file} shows no person and no speech is heard in it: record a person who speaks, "
                               "with the upper body in the picture.")  # fmt: skip
    if performance.duration_s < pack.min_assessed_s:
        lasted_s = math.floor(10 * performance.duration_s) / 10  # never as long as what is asked for
        raise MediaError(path, "{file} lasts {seconds} s, which is too short to assess: record at least {least} s.",
                         seconds=lasted_s, least=f"{pack.min_assessed_s:g}")  # fmt: skip
    if missing is Reason.PICTURE_TURNED:
        raise MediaError(path, "{file} lies on its side or upside down: turn the recording upright and score it again.")
    if missing is Reason.NO_PICTURE:
        raise MediaError(
            path,
            "{file} holds too little speech for the profile {profile}: nothing in it could be assessed; speak for "
            "longer, or choose another profile.",
            profile=assessment.profile,
        )
    raise MediaError(
        path,
        "{file} shows and says too little for the profile {profile}: nothing in it could be assessed; "
        "record for longer with the upper body in the picture, or choose another profile.",
        profile=assessment.profile,
    )


def _refuse_photo(assessment: Assessment, missing: Reason | None, path: str | Path) -> None:
    if missing is Reason.NO_PERSON:
        raise MediaError(path, "{file} shows no person who can be made out: take the photo in the light, with head and "
                               "shoulders in the picture.")  # fmt: skip
    if missing is not Reason.PICTURE_TURNED:
        raise MediaError(
            path,
            "{file} shows too little for the profile {profile}: nothing in it could be assessed; take the photo from "
            "the front or exactly from the side, with the upper body in the picture.",
            profile=assessment.profile,
        )
