"""The texts that people agree to, each under its version, and what is not inferred of anybody.

The pages ask for them and the printed form (`liyi.records.printed`) says the same. A text whose meaning changes gets a
new version; what was agreed to before then no longer counts for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FROM_LIST = "list"  # version of a consent that a batch's list tells of
PRACTISE = N_(
    "I agree that this rehearsal is recorded with picture and sound and assessed on {place}. The recording stays "
    "here until I delete it under Recordings, or until the days are over for which my unit keeps recordings; 7 days "
    "after I delete it, or at once if I wish, it is removed for good. Where people sign in, Liyi shows it to nobody "
    "else before I submit it."
)
DRILL = N_(
    "I agree that my bearing and my voice are measured by camera and microphone while I practise. The picture stays in "
    "this browser, the sound goes to {place} to be measured and is not kept, unless I choose to keep a take. The "
    "results of my tries are kept for me alone, until I delete them or the days are over for which my unit keeps them."
)
UPLOAD = N_(
    "I have the consent of the people in this recording: it is kept and assessed on {place}. It stays there until "
    "I delete it under Recordings, or until the days are over for which my unit keeps recordings; 7 days after I "
    "delete it, or at once if I wish, it is removed for good. Where people sign in, Liyi shows it to nobody else "
    "before I submit it."
)
BATCH = N_(
    "I have the consent of the people in these recordings: they are kept and assessed on {place}. I see them and what "
    "was found in them; whoever has an account sees their own, and so do those who train them. They stay there until "
    "they are deleted, or until the days are over for which my unit keeps recordings."
)
PRACTISE_VERSION, DRILL_VERSION, UPLOAD_VERSION, BATCH_VERSION = "practise-2", "drill-2", "upload-2", "batch-1"
TEXTS: Mapping[str, str] = {
    PRACTISE_VERSION: PRACTISE, DRILL_VERSION: DRILL, UPLOAD_VERSION: UPLOAD, BATCH_VERSION: BATCH,
}  # fmt: skip

NOT_INFERRED: Sequence[str] = (
    N_("Who somebody is: faces and voices are not recognised, and nothing is kept to recognise them by."),
    N_("Emotions, mood or sincerity: a measure is a distance, an angle, a time or a word, never a feeling."),
    N_("Health, disability or pregnancy: an exemption is what people enter, never what the program found."),
    N_("Character, suitability or trustworthiness: nothing is said about a person, only about a recording."),
    N_("Origin, age, sex, belief, dialect as such, or good looks."),
    N_("What somebody will do: nothing is predicted, and nothing is ranked without its measurement error."),
)
