"""Writes the parts of docs/ that the code itself knows, so that they cannot go stale: ``make docs``.

`WHOLE` names files that are made whole; `PARTS` what stands in a page between its two markers, ``<!-- NAME: made by
make docs -->`` and ``<!-- end of NAME -->``. With ``--check`` nothing is written: what is stale is named, and the exit
status is 1. `tests/test_docs.py` does the same.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from liyi.core.measure import Measure
    from liyi.core.published import Constant

ROOT = Path(__file__).resolve().parents[1]


def schema() -> str:
    """JSON Schema of an assessment."""
    from liyi.etiquette.assessment import Assessment

    said = Assessment.model_json_schema(mode="serialization")
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


def measures_table(package: str) -> str:
    """Every measure of a package: what it declares, with its errors."""
    from importlib import import_module

    from liyi.core.published import constants

    rows = [
        "| id | unit | what is measured | seen from | parameters | an event's attributes | error |",
        "|---|" + "---|" * 6,
    ]
    known = constants(package)
    for measure in import_module(f"{package}.measures").MEASURES:
        unit = "events" if measure.kind == "events" else measure.unit
        params = ", ".join(f"`{name}` {_toml(value)}" for name, value in measure.params.items())
        attributes = ", ".join(f"`{name}` ({attribute.unit})" for name, attribute in measure.attributes.items())
        about = measure.about.replace("``", "`")
        cameras = [camera for camera in ("front", "oblique", "side") if camera in measure.cameras]
        cells = (f"`{measure.id}`", unit, about, ", ".join(cameras), params, attributes, _error(measure, known))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def criteria_table() -> str:
    """Every criterion of the shipped packs: what it judges, how, and in which of them."""
    from liyi.etiquette.norms import list_packs, load_pack

    packs = {ref.id: load_pack(ref.id).criteria for ref in list_packs()}
    rows = ["| criterion | of | judged | kind | pack |", "|---|---|---|---|---|"]
    for id in sorted({id for criteria in packs.values() for id in criteria}):
        having = {name: criteria[id] for name, criteria in packs.items() if id in criteria}
        of = {f"`{each.measure}{'.' if each.attribute else ''}{each.attribute}`" for each in having.values()}
        how = {f"`{each.aggregate}`" for each in having.values()}
        kind = {"a hint" if each.review else each.kind for each in having.values()}
        cells = (f"`{id}`", *(", ".join(sorted(cell)) for cell in (of, how, kind)), ", ".join(having))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _error(measure: Measure[Any], known: Mapping[str, Constant]) -> str:
    if not isinstance(measure.errors, tuple):
        return f"{measure.errors:g} {measure.unit}" if measure.errors else "see below"
    labels = {name: name.removeprefix(measure.id).strip(".") for name in measure.errors}
    return "; ".join(f"{label} {known[name].value:g} {known[name].unit}".strip() for name, label in labels.items())


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_COMMANDS = {
    "en": (
        "Every command",
        "What `liyi COMMAND --help` says, in the language of `--lang` or of the terminal's locale.",
    ),
    "zh": ("命令一览", "即 `liyi 命令 --help` 的内容；语言由 `--lang` 指定，否则随系统语言。"),
}


def commands(lang: str) -> str:
    """Help of every command, as the terminal shows it."""
    import typer
    from typer.testing import CliRunner

    from liyi.cli import app

    runner = CliRunner(env={"LC_ALL": {"en": "C", "zh": "zh_CN.UTF-8"}[lang], "COLUMNS": "80"})

    def helped(command: Any, path: tuple[str, ...]) -> Iterator[str]:
        shown = runner.invoke(app, [*path, "--help"], prog_name="liyi").output
        yield f"## `{' '.join(('liyi', *path))}`\n\n```text\n{shown.rstrip()}\n```"
        for name, inner in getattr(command, "commands", {}).items():
            yield from helped(inner, (*path, name))

    title, about = _COMMANDS[lang]
    return "\n\n".join([f"# {title}", about, *helped(typer.main.get_command(app), ())]) + "\n"


_KINDS = {"quality": "质量项", "fault": "禁忌项", "condition": "录制条件"}


def criteria() -> str:
    """Every shipped criterion by its Chinese name, what it is, and which packs have it."""
    from liyi.etiquette.norms import list_packs, load_pack

    packs = [load_pack(ref.id) for ref in list_packs()]
    rows = ["| 指标 | 名称 | 类别 | 规范包 |", "|---|---|---|---|"]
    for id in dict.fromkeys(id for pack in packs for id in pack.criteria):
        own = [pack for pack in packs if id in pack.criteria]
        first = own[0].criteria[id]
        kind = "提示项" if first.review else _KINDS[first.kind]
        rows.append(f"| `{id}` | {first.name.zh or first.name.en} | {kind} | {'、'.join(pack.id for pack in own)} |")
    return "\n".join(rows)


def columns() -> str:
    """Columns of ``scores.csv`` and ``scores.parquet`` in their order."""
    from liyi.cohort.columns import criterion_parts, dimension_parts, result_columns, score_columns

    parts = (*dimension_parts("ID", "", "en"), *criterion_parts("ID"))
    return " ".join(f"`{each.id}`" for each in (*score_columns("en"), *parts, *result_columns("en")) if each.id)


def headings(lang: str, names: Callable[[], Sequence[str]]) -> str:
    """What may stand above each column of a list."""
    from liyi.core.list_headings import HEADINGS

    head = {"en": "| column | may also be headed |", "zh": "| 列 | 表头还可以写作 |"}[lang]
    known = [name for name in names() if name in HEADINGS]
    return "\n".join([head, "|---|---|", *(f"| `{name}` | {'、'.join(HEADINGS[name])} |" for name in known)])


def sheet_fields(lang: str) -> str:
    """Fields of a sheet of deductions, in both languages, with what they stand for."""
    from liyi.cohort.sheet_fields import FIELDS, ITEM_FIELDS, OF_CRITERION
    from liyi.core.words import translate

    head = {"en": "| field | in Chinese | |\n|---|---|---|", "zh": "| 字段 | 英文字段 | |\n|---|---|---|"}[lang]
    parted = {f"{name}.ID": (f"{chinese}.ID", meaning) for name, (chinese, meaning) in OF_CRITERION.items()}
    rows = []
    for name, (chinese, meaning) in {**FIELDS, **ITEM_FIELDS, **parted}.items():
        first, second = (name, chinese) if lang == "en" else (chinese, name)
        rows.append(f"| `{{{{{first}}}}}` | `{{{{{second}}}}}` | {translate(meaning, lang)} |")
    return "\n".join([head, *rows])


def _of_manifest() -> Sequence[str]:
    from liyi.batch.manifest import COLUMNS

    return COLUMNS


def _of_ratings() -> Sequence[str]:
    from liyi.agreement.ratings import COLUMNS

    return (*COLUMNS, "session")


WHOLE: Mapping[str, Callable[[], str]] = {
    "docs/assessment.schema.json": schema,
    "docs/commands.md": lambda: commands("en"),
    "docs/zh/commands.md": lambda: commands("zh"),
}
PARTS: Mapping[tuple[str, str], Callable[[], str]] = {  # (page, name of the part)
    ("docs/measures-body.md", "measures of the body"): lambda: measures_table("posture"),
    ("docs/measures-voice.md", "measures of the voice"): lambda: measures_table("speech"),
    ("docs/norms.md", "shipped criteria"): criteria_table,
    ("docs/zh/norms.md", "criteria"): criteria,
    ("docs/batch.md", "columns"): columns,
    ("docs/zh/batch.md", "columns"): columns,
    ("docs/batch.md", "headings"): lambda: headings("en", _of_manifest),
    ("docs/zh/batch.md", "headings"): lambda: headings("zh", _of_manifest),
    ("docs/batch.md", "fields of a sheet"): lambda: sheet_fields("en"),
    ("docs/zh/batch.md", "fields of a sheet"): lambda: sheet_fields("zh"),
    ("docs/agreement.md", "headings"): lambda: headings("en", _of_ratings),
    ("docs/zh/agreement.md", "headings"): lambda: headings("zh", _of_ratings),
}


def replaced(page: str, name: str, text: str) -> str:
    """``page`` with ``text`` between the markers of ``name``; raises ``ValueError`` where it has none."""
    first, last = f"<!-- {name}: made by make docs -->", f"<!-- end of {name} -->"
    pattern = re.compile(rf"({re.escape(first)}\n).*?({re.escape(last)})", re.DOTALL)
    done, count = pattern.subn(lambda found: f"{found[1]}{text.rstrip()}\n{found[2]}", page)
    if count != 1:
        raise ValueError(f"{first} and {last} stand {count} times in the page, not once")
    return done


def pages() -> dict[Path, str]:
    """What every file that is made, wholly or in part, should hold."""
    made = {ROOT / name: make() for name, make in WHOLE.items()}
    for (name, part), make in PARTS.items():
        path = ROOT / name
        made[path] = replaced(made.get(path) or path.read_text(encoding="utf-8"), part, make())
    return made


def stale() -> list[str]:
    """Files that do not hold what they should."""
    return [
        path.relative_to(ROOT).as_posix()
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main() -> None:
    """Write them, or say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where something is stale")
    if parser.parse_args().check:
        found = stale()
        print("\n".join(f"{name} is stale: run `make docs`" for name in found) or "docs are up to date")
        sys.exit(bool(found))
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
