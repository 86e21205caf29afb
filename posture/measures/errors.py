"""How wrong each measure is, in its view: one standard deviation, in the measure's unit.

From rendered performances whose joints are known to the pixel, read with the same model: see
``docs/measures-body.md``.
"""

from __future__ import annotations

ERROR: dict[str, float] = {
    "head_roll": 1.1,
    "shoulder_tilt": 1.1,
    "trunk_side_lean": 0.7,
    "trunk_forward_lean": 3.0,
    "head_forward": 0.07,
    "hip_angle": 7.0,
    "knee_angle": 3.7,
    "upright_ratio": 3.0,
    "facing": 8.0,
    "sway": 1.0,
    "stance_width": 0.05,
    "crossed_arms": 0.2,
    "hands_on_hips": 0.2,
    "hands_folded_low": 0.2,
    "chin_prop": 0.2,
}
