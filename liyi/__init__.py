"""Liyi 礼仪: a recording in, a fair and explained assessment of bearing and voice out.

What is named here is the library; it is imported when it is first used, so that ``import liyi`` costs nothing.

>>> import os, liyi
>>> pack = liyi.load_pack("counter")
>>> assessment = liyi.score("counter_front_zh.mp4", out="counter_front_zh.liyi", pack=pack, lang="en")
>>> assessment.recording.camera, 0 <= assessment.total <= 100
('front', True)
>>> sorted(os.listdir("counter_front_zh.liyi"))
['assessment.json', 'measures.parquet', 'report.html']
>>> {verdict.status for verdict in assessment.verdicts} <= {"assessed", "not_assessed", "needs_review"}
True

What was measured is kept, and may be judged by other rules without the recording:

>>> again = liyi.rejudge("counter_front_zh.liyi", pack=pack)
>>> again.total == assessment.total
True

Both give a ``liyi.Assessment``, which ``assessment.json`` holds too; its fields: ``docs/assessment.schema.json``.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liyi.api import rejudge, score
    from liyi.core.options import Options
    from liyi.etiquette.assessment import Assessment as Assessment
    from liyi.etiquette.norms import load_pack

# Without `Assessment`, of which ``help(liyi)`` would list four hundred lines that pydantic brings along.
__all__ = ["Options", "load_pack", "rejudge", "score"]

# Our matrices are small: with more threads OpenBLAS mostly waits in circles (a live session then takes 14 % of a core
# instead of 7), and the order of a sum may change from run to run. Read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

_HOMES = {
    "Assessment": "liyi.etiquette.assessment",
    "Options": "liyi.core.options",
    "load_pack": "liyi.etiquette.norms",
    "rejudge": "liyi.api",
    "score": "liyi.api",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """What the library offers."""
    return sorted({*globals(), *_HOMES})
