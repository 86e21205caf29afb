"""Every sentence that a user can read stands in the Chinese catalogue; numbers are shown as the error allows."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from liyi.core import words
from liyi.core.errors import Fault, LiyiError, MediaError, Notice
from liyi.core.reasons import Reason
from liyi.modelfiles.registry import registry

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("liyi", "posture", "speech")
CATALOGUE = ROOT / "liyi/core/locale/zh/LC_MESSAGES/liyi.po"


@cache
def trees() -> dict[Path, ast.Module]:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")] + [ROOT / "app.py"]
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(files)}


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def error_classes(modules: dict[Path, ast.Module]) -> dict[str, ast.ClassDef]:
    """LiyiError's descendants by name, wherever they are defined."""
    classes = {n.name: n for tree in modules.values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
    found = {"LiyiError": classes["LiyiError"]}
    while True:
        more = {
            name: node
            for name, node in classes.items()
            if name not in found and any(last_name(base) in found for base in node.bases)
        }
        if not more:
            return found
        found |= more


def constants(node: ast.expr) -> list[str]:
    """String constants that an argument may be: itself, or either branch of a choice."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return constants(node.body) + constants(node.orelse)
    return []


@cache
def sentences() -> dict[str, str]:
    """Every English sentence that is shown to a user, with the file it was found in."""
    modules = trees()
    errors = error_classes(modules)
    speaking = {*errors, "Notice", "translate", "say", "_", "N_"}
    found: dict[str, str] = {reason.sentence: "liyi/core/reasons.py" for reason in Reason}
    for path, tree in modules.items():
        where = path.relative_to(ROOT).as_posix()
        found |= dict.fromkeys(said(tree, speaking), where) | dict.fromkeys(carried(tree), where)
    for name, node in errors.items():  # classes that word their own sentence
        found |= dict.fromkeys(said(node, {"__init__"}), name)
    purposes = dict.fromkeys((entry.purpose for entry in registry().values()), "models/registry.toml")
    return found | template_sentences() | command_sentences() | purposes


def command_sentences() -> dict[str, str]:
    """Help of every command, and what stands for its values there."""
    import typer

    from liyi.cli import app
    from liyi.cli.localized import paragraphs

    found: dict[str, str] = {}

    def collect(command, where: str) -> None:
        texts = paragraphs(command.help)
        for parameter in command.params:
            texts.append(parameter.help)
            texts += re.findall(r"[A-Z]{2,}", parameter.metavar or "")
            texts += [parameter.name] if parameter.param_type_name == "argument" and not parameter.metavar else []
        found.update(dict.fromkeys(filter(None, texts), where))
        for name, inner in getattr(command, "commands", {}).items():
            collect(inner, f"{where} {name}")

    collect(typer.main.get_command(app), "liyi")
    return found


def said(tree: ast.AST, speaking: set[str]) -> list[str]:
    """First string that each call of ``speaking`` is given."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and last_name(node.func) in speaking]
    texts = [[text for argument in call.args for text in constants(argument)] for call in calls]
    return [text[0] for text in texts if text]


def carried(tree: ast.Module) -> list[str]:
    """Sentences that a module keeps in a table or a name, or that a function returns, to be raised elsewhere."""
    values: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            values += node.values
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Return) and node.value is not None:
            values.append(node.value)
    return [text for value in values for text in constants(value) if re.fullmatch(r"[A-Z{].* .*\.", text)]


def template_sentences() -> dict[str, str]:
    from jinja2 import Environment

    environment = Environment(extensions=["jinja2.ext.i18n"])
    found = {}
    for path in sorted(ROOT.glob("liyi/*/templates/*.j2")):
        for _, _, message in environment.extract_translations(path.read_text(encoding="utf-8")):
            found[message if isinstance(message, str) else message[0]] = path.name  # a tuple when it has fields
    return found


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="zh") if m.id}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_sentence_has_chinese(chinese):
    missing = [f"{where}: {text!r}" for text, where in sentences().items() if text and not chinese.get(text)]
    assert not missing, "\n".join(missing)


def test_no_sentence_of_the_catalogue_is_left_over(chinese):
    assert not set(chinese) - set(sentences())


def test_who_reads_is_called_in_one_way(chinese):
    """您 throughout: 你 stands in what is quoted from counters alone."""
    assert [zh for zh in chinese.values() if "你" in re.sub("“[^”]*”", "", zh)] == []


def test_translations_name_the_same_fields(chinese):
    assert {text for text, zh in chinese.items() if fields(zh) - fields(text)} == set()


def test_the_collector_sees_errors_notices_and_templates():
    found = sentences()
    assert Reason.NO_SOUND.sentence in found
    assert "Nothing to change first" in found
    assert "{file} is a playlist: choose the recording itself." in found
    assert "Only {coverage} of the profile could be assessed; a total needs {floor}." in found
    assert "There is no norm pack {name}: name one of {shipped}, or the path of a .toml file." in found


def test_unknown_sentences_and_languages_fall_back_to_english():
    assert words.translate("No such sentence about {thing}.", "zh", thing="tea") == "No such sentence about tea."
    assert words.translate("The file has no sound.", "fr") == "The file has no sound."


def test_chinese_comes_from_the_catalogue():
    assert re.search("[一-鿿]", words.translate("The file has no sound.", "zh"))


def test_errors_are_explained_with_their_fields():
    error = MediaError("/somewhere/over/clip.mp4", "Unheard of: {file} at {second} s.", second=3)
    assert words.explain_error(error, "en") == "Unheard of: clip.mp4 at 3 s."
    assert words.explain_error(LiyiError("A brace {{ stays."), "en") == "A brace { stays."


def test_every_fault_of_a_pack_is_explained():
    from liyi.etiquette.norms import BrokenPackError

    faults = [
        Fault(3, "weights", Notice("A weight is a number from 0 upwards.")),
        Fault(9, "", Notice("{a} b", {"a": 1})),
    ]
    text = words.explain_error(BrokenPackError(Path("mine.toml"), faults), "en")
    assert "mine.toml" in text
    assert "line 3, weights: A weight is a number from 0 upwards." in text
    assert "line 9: 1 b" in text


def test_reasons_and_codes_from_the_future():
    assert words.explain_reason("no_sound", "en") == "The file has no sound."
    assert words.explain_reason("solar_flare", "zh") == "solar_flare"
    assert words.explain_reason(None, "zh") == ""


@pytest.mark.parametrize(
    ("value", "code", "error", "expected"),
    [
        (6.123, "deg", 1.1, "6.1° ± 1.1°"),
        (86.34, "%", 2.2, "86 ± 2\xa0%"),
        (-0.04, "deg", 3.0, "0° ± 3°"),
        (-8.0, "deg", None, "−8°"),
        (3.0, "count", None, "3\xa0times"),
        (0.123, "ratio", 0.03, "0.12 ± 0.03"),
        (1.5, "/min", None, "1.5\xa0per min"),
        (None, "deg", None, "–"),
        (2.0, "furlong", None, "2\xa0furlong"),
    ],
)
def test_quantities(value, code, error, expected):
    assert words.quantity(value, code, "en", error=error) == expected


@given(st.floats(-1e4, 1e4), st.floats(0.01, 1e3))
def test_a_shown_value_is_true_to_its_error(value, error):
    shown = float(words.number(value, words.decimals(value, error)).replace("−", "-"))
    assert abs(shown - value) <= max(error, 0.01) / 2 + 1e-9


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0, "0:00"), (7.4, "0:07"), (59.6, "1:00"), (754, "12:34"), (3725, "1:02:05")]
)
def test_clock(seconds, expected):
    assert words.clock(seconds) == expected


def test_spans():
    assert words.span(3.1, 3.4) == "0:03"
    assert words.span(3.0, 65.0) == "0:03–1:05"


def test_every_unit_of_the_measures_is_known():
    from liyi.etiquette.performance import measures

    plain = {"%", "dB", "Hz"}
    assert {m.unit for m in measures().values()} <= plain | set(words.UNITS)
