"""Exemptions in words."""

from __future__ import annotations

import pytest

from liyi.core.errors import LiyiError
from liyi.core.words import explain_error
from liyi.etiquette.judge import check_exemptions
from liyi.etiquette.norms import load_pack


def test_exemptions_to_choose_from_are_said_in_words():
    with pytest.raises(LiyiError) as refused:
        check_exemptions(load_pack("counter"), ("怀孕",))
    assert "pregnancy（怀孕）、speech（言语障碍）" in explain_error(refused.value, "zh")
    assert "limb, pregnancy, speech, spine" in explain_error(refused.value, "en")
