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
    PICTURE_FROZEN = "picture_frozen"
    FIGURE_STILL = "figure_still"
    ONE_PICTURE = "one_picture"
    TOO_SMALL = "too_small"
    CAMERA_FRONT = "camera_front"
    CAMERA_SIDE = "camera_side"
    CAMERA_OBLIQUE = "camera_oblique"
    TURNED_AWAY = "turned_away"
    HEAD_TURNED = "head_turned"
    FACE_NOT_SEEN = "face_not_seen"
    HEAD_OUT_OF_FRAME = "head_out_of_frame"
    SHOULDERS_OUT_OF_FRAME = "shoulders_out_of_frame"
    ARMS_OUT_OF_FRAME = "arms_out_of_frame"
    HIPS_OUT_OF_FRAME = "hips_out_of_frame"
    LEGS_OUT_OF_FRAME = "legs_out_of_frame"
    FEET_OUT_OF_FRAME = "feet_out_of_frame"
    IMPLAUSIBLE = "implausible"
    NO_CALIBRATION = "no_calibration"
    NO_SPOKEN_CALIBRATION = "no_spoken_calibration"
    NOT_STANDING = "not_standing"
    NOT_SITTING = "not_sitting"
    NOT_STILL = "not_still"
    BOWING = "bowing"
    POSITION_UNKNOWN = "position_unknown"
    NOT_ALIGNED = "not_aligned"
    # sound
    NO_SOUND = "no_sound"
    NO_SPEECH = "no_speech"
    TOO_LITTLE_SPEECH = "too_little_speech"
    NO_TURN_LONG_ENOUGH = "no_turn_long_enough"
    TOO_NOISY = "too_noisy"
    NO_TRANSCRIPT = "no_transcript"
    LANGUAGE = "language"
    # judging
    TOO_SHORT = "too_short"
    TOO_LITTLE_SEEN = "too_little_seen"
    NO_EVENT = "no_event"
    WORDS_UNSURE = "words_unsure"
    HEARD_ONCE = "heard_once"
    NO_PHRASES = "no_phrases"
    SPEECH_TOO_SLOW = "speech_too_slow"
    RUNS_TOO_SHORT = "runs_too_short"
    WHISPERED = "whispered"
    TOO_LITTLE_HEARD = "too_little_heard"
    TOO_UNCERTAIN = "too_uncertain"
    CONDITION = "condition"
    UNDECIDED = "undecided"
    EXEMPT = "exempt"
    HUMAN_DECIDES = "human_decides"
    REJECTED = "rejected"

    @property
    def sentence(self) -> str:
        """English sentence with the remedy; key of the message catalogues."""
        return _SENTENCES[self]


_SENTENCES: dict[Reason, str] = {
    Reason.NO_PICTURE: "The file has no picture.",
    Reason.TOO_DARK: "The picture is too dark: put a lamp in front of the person.",
    Reason.NO_PERSON: "No person was made out: step back until the whole upper body is in the picture, in the light.",
    Reason.PICTURE_TURNED: "The picture lies on its side or upside down: turn the recording upright first.",
    Reason.PICTURE_FROZEN: "The picture stood still: check the camera and record again.",
    Reason.FIGURE_STILL: "The figure does not move at all, as in a photograph: record a person, not a picture.",
    Reason.ONE_PICTURE: "One picture shows one moment only: record a video for this.",
    Reason.TOO_SMALL: "The person is too small in the picture: step closer to the camera.",
    Reason.CAMERA_FRONT: "Cannot be seen from the front: record from the side.",
    Reason.CAMERA_SIDE: "Cannot be seen from the side: record from the front.",
    Reason.CAMERA_OBLIQUE: "The body is seen at an angle: place the camera straight in front or exactly at the side.",
    Reason.TURNED_AWAY: "The body was turned away from the camera: turn back to it.",
    Reason.HEAD_TURNED: "The head was turned away from the camera.",
    Reason.FACE_NOT_SEEN: "The face could not be seen well enough: more light on it, and nothing in front of it.",
    Reason.HEAD_OUT_OF_FRAME: "The head is not in the picture: raise the camera or step back.",
    Reason.SHOULDERS_OUT_OF_FRAME: "The shoulders are not in the picture: step back.",
    Reason.ARMS_OUT_OF_FRAME: "The arms are not in the picture: step back or turn the camera down.",
    Reason.HIPS_OUT_OF_FRAME: "The hips are not in the picture: step back or lower the camera.",
    Reason.LEGS_OUT_OF_FRAME: "The legs are not in the picture: step back or lower the camera.",
    Reason.FEET_OUT_OF_FRAME: "The feet are not in the picture: step back or lower the camera.",
    Reason.IMPLAUSIBLE: "The joints that were found do not fit a body: more light, plainer background.",
    Reason.NO_CALIBRATION: "No calibration that can be used: make one before you practise, or again if it was "
    "refused; of a recording, name seconds in which the "
    "person was upright, facing the camera.",
    Reason.NO_SPOKEN_CALIBRATION: "No calibration with speech: of a recording, name seconds in which the person spoke "
    "as usual.",
    Reason.NOT_STANDING: "Assessed only while standing.",
    Reason.NOT_SITTING: "Assessed only while sitting.",
    Reason.NOT_STILL: "Assessed only while standing still.",
    Reason.BOWING: "A bow is no posture that is held: it is left out.",
    Reason.POSITION_UNKNOWN: "It cannot be told whether the person stands or sits: show the legs and keep still.",
    Reason.NOT_ALIGNED: "The recording from the side could not be aligned with the other one by its sound: let both "
    "cameras record the sound of the same room, all the time.",
    Reason.NO_SOUND: "The file has no sound.",
    Reason.NO_SPEECH: "No speech was heard: check the microphone.",
    Reason.TOO_LITTLE_SPEECH: "Too little speech was heard to judge it: speak for longer.",
    Reason.NO_TURN_LONG_ENOUGH: "No turn was long enough to judge its pace: speak in whole sentences.",
    Reason.TOO_NOISY: "The noise is too loud beside the voice: move closer to the microphone.",
    Reason.NO_TRANSCRIPT: "The words could not be recognised.",
    Reason.LANGUAGE: "Not judged in this language.",
    Reason.TOO_SHORT: "The recording is too short to judge this.",
    Reason.TOO_LITTLE_SEEN: "Seen for too small a part of the recording to judge it.",
    Reason.NO_EVENT: "It did not happen in this recording, so that there is nothing to measure.",
    Reason.WORDS_UNSURE: "The words that were recognised do not fit the sound: speak clearly, close to the microphone.",
    Reason.HEARD_ONCE: "One recogniser alone listened, and it misses so many phrases that hearing none does not mean "
    "that none was said: run `liyi doctor`, and score the recording again.",
    Reason.NO_PHRASES: "The norm pack has no list of phrases for this.",
    Reason.SPEECH_TOO_SLOW: "Speech this slow or flat holds too many long, steady vowels to find hesitations in it.",
    Reason.RUNS_TOO_SHORT: "The voice stops after so few syllables that their rate cannot be told: "
    "say each phrase in one go.",
    Reason.WHISPERED: "It sounds like whispering, without a voice: speak aloud.",
    Reason.TOO_LITTLE_HEARD: "Heard for too small a part of the recording to judge it.",
    Reason.TOO_UNCERTAIN: "The measurement is too uncertain here to tell good from bad.",
    Reason.CONDITION: "The sound does not allow it (noise, clipping, a muffled voice): mend that and record again.",
    Reason.UNDECIDED: "It cannot be told for certain: look at the clip and decide.",
    Reason.EXEMPT: "Exempt for this person.",
    Reason.HUMAN_DECIDES: "A hint only: listen to the clip and decide.",
    Reason.REJECTED: "Who reviewed it found that this does not hold here.",
}
