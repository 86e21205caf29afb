"""How wrong each measure is in its view: one standard deviation, and the steady part of the error that is taken off.

Measured with the same model on rendered people whose joints are known to the pixel: two bodies, 55 postures, webcam and
full-body front views and both sides, 110 stills a view. ``docs/measures-body.md`` has the table. To be replaced when
the studio's own table is larger.
"""

from __future__ import annotations

ERROR: dict[str, float] = {
    # front: root mean square of reading minus truth, the larger of webcam and full body
    "head_roll": 1.8,  # 18 % of a roll is not seen
    "shoulder_tilt": 1.2,
    "trunk_side_lean": 0.7,
    "upright_ratio": 3.2,
    "facing": 9.0,
    "sway": 0.5,
    "stance_width": 0.08,
    # side: spread over bodies, postures and sides after BIAS is taken off
    "trunk_forward_lean": 1.7,
    "head_forward": 0.03,
    "hip_angle": 2.2,
    "knee_angle": 2.0,
    # events: seconds by which their length is wrong
    "crossed_arms": 0.2,
    "hands_on_hips": 0.2,
    "hands_folded_low": 0.2,
    "chin_prop": 0.2,
}

BIAS: dict[str, float] = {
    # Reading minus truth from the side. The model puts the hip of a body seen from the side too far forward, so every
    # measure that rests on the hip errs the same way on both bodies, in all postures and from both sides.
    "trunk_forward_lean": -3.6,
    "head_forward": 0.063,
    "hip_angle": 8.2,
    "knee_angle": 4.0,  # 4.8 from exactly 90 degrees, 1.2 from 80 degrees and above
}
