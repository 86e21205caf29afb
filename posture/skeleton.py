"""Parts of the skeleton by name, as tuples of joints: what gates, measures and stills speak of."""

from __future__ import annotations

from posture.track import Joint

SHOULDERS = (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
ELBOWS = (Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW)
WRISTS = (Joint.LEFT_WRIST, Joint.RIGHT_WRIST)
HIPS = (Joint.LEFT_HIP, Joint.RIGHT_HIP)
ANKLES = (Joint.LEFT_ANKLE, Joint.RIGHT_ANKLE)
EYES = (Joint.LEFT_EYE, Joint.RIGHT_EYE)
EARS = (Joint.LEFT_EAR, Joint.RIGHT_EAR)
MOUTH = (Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT)
TRUNK = (*SHOULDERS, *HIPS)
FACE = (*EARS, Joint.NOSE, *EYES, *MOUTH)
HEAD_AND_SHOULDERS = (Joint.NOSE, *SHOULDERS)
HEAD_TO_HIPS = (*range(Joint.RIGHT_SHOULDER + 1), *HIPS)
LEFT_ARM = (Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST)
RIGHT_ARM = (Joint.RIGHT_SHOULDER, Joint.RIGHT_ELBOW, Joint.RIGHT_WRIST)
ARMS = (*LEFT_ARM, *RIGHT_ARM)
LEFT_LEG = (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE)
RIGHT_LEG = (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE)

# What a still draws of a person, whatever was measured.
BONES: tuple[tuple[Joint, Joint], ...] = (
    SHOULDERS,
    HIPS,
    *(
        (Joint[f"{side}_{first}"], Joint[f"{side}_{last}"])
        for side in ("LEFT", "RIGHT")
        for first, last in (
            ("SHOULDER", "ELBOW"), ("ELBOW", "WRIST"), ("SHOULDER", "HIP"), ("HIP", "KNEE"), ("KNEE", "ANKLE"),
            ("ANKLE", "HEEL"), ("HEEL", "FOOT_INDEX"), ("EYE", "EAR"),
        )
    ),
)  # fmt: skip

# Lines of a measure: paths of vertices, each a joint or the middle of several.
Path = tuple[tuple[Joint, ...], ...]


def line(*joints: Joint) -> Path:
    """The path through ``joints``."""
    return tuple((joint,) for joint in joints)


def both_sides(*names: str) -> tuple[Path, ...]:
    """A path through the named joints on each side of the body: ``"SHOULDER", "EAR"``."""
    return tuple(line(*(Joint[f"{side}_{name}"] for name in names)) for side in ("RIGHT", "LEFT"))


SHOULDER_LINE = line(Joint.RIGHT_SHOULDER, Joint.LEFT_SHOULDER)
EAR_LINE = line(Joint.RIGHT_EAR, Joint.LEFT_EAR)
ANKLE_LINE = line(Joint.RIGHT_ANKLE, Joint.LEFT_ANKLE)
FACE_LINE = line(Joint.RIGHT_EYE, Joint.NOSE, Joint.LEFT_EYE)
TRUNK_LINE: Path = (HIPS, SHOULDERS)
NOSE_TO_SHOULDERS: Path = ((Joint.NOSE,), SHOULDERS)
ARM_LINES = (line(*RIGHT_ARM), line(*LEFT_ARM))
