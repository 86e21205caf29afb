"""What a program calls: the jobs of `liyi.scoring`, with the report that every interface writes."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

from liyi.report.html import HTML
from liyi.scoring import rejudge as rejudging
from liyi.scoring import score as scoring

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.etiquette.assessment import Assessment

P = ParamSpec("P")


def _reported(do: Callable[P, Assessment]) -> Callable[P, Assessment]:
    """``do``, which writes the HTML report unless the caller names another, or None for no report."""

    @wraps(do)
    def done(*args: P.args, **options: P.kwargs) -> Assessment:
        options.setdefault("report", HTML)
        return do(*args, **options)

    return done


score, rejudge = _reported(scoring.score), _reported(rejudging.rejudge)
