"""Takes of drills that were kept as recordings: what they are called, and of which drill one is, by its name."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from liyi.core.words import LANGUAGES, pick
from liyi.etiquette.drill import all_drills
from liyi.ui import workroom

if TYPE_CHECKING:
    from liyi.etiquette.drill import Drill

_NAMED = re.compile(r"(?P<title>.+) \d{4}-\d\d-\d\d \d\d-\d\d\.\w{1,8}")
_LONGEST = 50  # characters of a title, so that the date stays in a name (`liyi.ui.workroom.safe_name`)


def take_name(drill: Drill, lang: str) -> str:
    """What a take that is kept now is called: its drill's title in ``lang``, and when."""
    return f"{_title(drill, lang)} {time.strftime('%Y-%m-%d %H-%M')}.webm"


def drill_of(name: str) -> Drill | None:
    """The drill of which a recording with this name is a take; None for any other, and for a drill that is gone."""
    named = _NAMED.fullmatch(name)
    if named is None:
        return None
    titled = {_title(drill, lang): drill for drill in all_drills().values() for lang in LANGUAGES}
    return titled.get(named["title"])


def _title(drill: Drill, lang: str) -> str:
    return workroom.safe_name(pick(drill.title, lang)[:_LONGEST].replace(".", " ")).strip()
