"""What every measure declares: found without a list, documented, judged by a shipped pack or named as not judged."""

from __future__ import annotations

import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from liyi.core.measure import Measure, first_sentence, measures_in
from liyi.core.words import UNITS, unit
from liyi.etiquette.norms import list_packs, load_pack
from liyi.etiquette.performance import measures

ROOT = Path(__file__).resolve().parents[2]
DOCS = {"body": "measures-body.md", "performance": "measures-body.md", "voice": "measures-voice.md"}
EVERY = list(measures().values())
SAME_IN_EVERY_LANGUAGE = {"%", "dB", ""}


@pytest.mark.parametrize("measure", EVERY, ids=lambda measure: measure.id)
class TestEveryMeasure:
    def test_is_documented(self, measure):
        text = (ROOT / "docs" / DOCS[measure.of]).read_text(encoding="utf-8")
        assert f"| `{measure.id}`" in text, f"run `make docs`; docs/{DOCS[measure.of]} lacks {measure.id}"

    def test_is_judged_by_a_shipped_pack_or_named_as_not_judged(self, measure):
        judged = {criterion.measure for ref in list_packs() for criterion in load_pack(ref.id).criteria.values()}
        text = (ROOT / "docs" / "norms.md").read_text(encoding="utf-8")
        (named,) = re.findall(r"^Measured and judged by no shipped pack: (.*)$", text, re.MULTILINE)
        assert (measure.id in judged) != (f"`{measure.id}`" in named), (
            f"give {measure.id} a criterion in liyi/etiquette/packs/, or name it in docs/norms.md, not both"
        )

    def test_says_what_it_measures(self, measure):
        assert len(measure.about) > 10, "the first sentence of the function's docstring goes into docs/"

    def test_every_unit_has_words(self, measure):
        for code in (measure.unit, *(attribute.unit for attribute in measure.attributes.values())):
            known = code in UNITS or code in SAME_IN_EVERY_LANGUAGE
            assert known, f"{code}: its English goes into UNITS of liyi/core/words.py, its Chinese into liyi.po"
            assert unit(code, "zh") is not None

    def test_its_errors_are_published(self, measure):
        assert measure.error >= 0  # raises KeyError for a name that errors.toml does not hold
        for name in measure.attributes:
            error = measure.attribute_error(name)
            assert error is None or error > 0

    def test_only_events_have_attributes(self, measure):
        assert measure.kind == "events" or not measure.attributes


def test_two_measures_of_one_id_are_refused(monkeypatch):
    one, other = types.ModuleType("apart.one"), types.ModuleType("apart.other")
    for module in (one, other):
        module.bow = Measure("bow", "s", "events", "body", lambda body, params: None, module=module.__name__)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    there = [types.SimpleNamespace(name=name) for name in ("other", "one")]
    monkeypatch.setattr("liyi.core.measure.pkgutil.iter_modules", lambda path: there)
    with pytest.raises(ValueError, match=r"bow stands in apart\.other and in apart\.one"):
        measures_in("apart", [])


def test_a_measure_that_a_module_only_imports_is_not_its_own():
    from posture import measures as package

    ids = [measure.id for measure in package.MEASURES]
    assert len(ids) == len(set(ids))
    assert {measure.module for measure in package.MEASURES} <= {
        f"posture.measures.{file.stem}" for file in (ROOT / "posture" / "measures").glob("*.py")
    }


def test_first_sentence():
    assert first_sentence("One. Two.\n\nThree.") == "One"
    assert first_sentence("Over\n    two lines, 0.5 s long.") == "Over two lines, 0.5 s long"
    assert first_sentence(None) == ""


def test_finding_the_measures_loads_nothing_heavy():
    heavy = ("cv2", "mediapipe", "librosa", "scipy", "av", "onnxruntime", "pandas", "pyarrow", "faster_whisper")
    code = f"import sys, posture.measures, speech.measures; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
