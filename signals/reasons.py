"""Why something was not assessed: one code per reason, with the sentence (and the remedy) that a reader sees.

The codes stand in ``assessment.json``; the sentences are the keys of the message catalogues.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A reason code; ``.sentence`` is its English text."""

    # picture
    NO_PICTURE = "no_picture"
    TOO_DARK = "too_dark"
    NO_PERSON = "no_person"
    PICTURE_TURNED = "picture_turned"
    CAMERA_FRONT = "camera_front"
    CAMERA_SIDE = "camera_side"
    CAMERA_OBLIQUE = "camera_oblique"
    TURNED_AWAY = "turned_away"
    HEAD_TURNED = "head_turned"
    HEAD_OUT_OF_FRAME = "head_out_of_frame"
    SHOULDERS_OUT_OF_FRAME = "shoulders_out_of_frame"
    ARMS_OUT_OF_FRAME = "arms_out_of_frame"
    HIPS_OUT_OF_FRAME = "hips_out_of_frame"
    LEGS_OUT_OF_FRAME = "legs_out_of_frame"
    FEET_OUT_OF_FRAME = "feet_out_of_frame"
    IMPLAUSIBLE = "implausible"
    NO_CALIBRATION = "no_calibration"
    NOT_STANDING = "not_standing"
    NOT_SITTING = "not_sitting"
    NOT_STILL = "not_still"
    POSITION_UNKNOWN = "position_unknown"
    # sound
    NO_SOUND = "no_sound"
    NO_SPEECH = "no_speech"
    TOO_LITTLE_SPEECH = "too_little_speech"
    NO_TURN_LONG_ENOUGH = "no_turn_long_enough"
    TOO_NOISY = "too_noisy"
    NO_TRANSCRIPT = "no_transcript"
    WORDS_UNSURE = "words_unsure"
    SPEECH_TOO_SLOW = "speech_too_slow"
    WHISPERED = "whispered"
    LANGUAGE = "language"
    # judging
    TOO_SHORT = "too_short"
    TOO_LITTLE_SEEN = "too_little_seen"
    Reason.TOO_LITTLE_HEARD: "Heard for too small a part of the recording to judge it.",
