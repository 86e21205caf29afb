"""Lists that would go stale in silence: each names every package there is, and nothing that is not there."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
import re
import sys
import tomllib
import warnings
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOOL = SETTINGS["tool"]
WHEEL = TOOL["hatch"]["build"]["targets"]["wheel"]

PACKAGES = {file.parent.name for file in ROOT.glob("*/__init__.py")}
# A floor of the house: `posture`, `speech`, and each package in `liyi`.
ROOMS = PACKAGES - {"liyi"} | {f"liyi.{file.parent.name}" for file in ROOT.glob("liyi/*/__init__.py")}
# Folders on top that hold Python and are no package: tools, tests, and what makes the samples.
TOOLS = {"benchmarks", "tests", "sample_media", "studio"}
# Who may import what only one room knows.
KNOWS = {
    "streamlit": {"liyi.ui"},
    "mediapipe": {"posture"},
    "ai_edge_litert": {"posture"},
    "av": {"liyi.media"},
    "speech_recognition": {"speech"},
    "vosk": {"speech"},
}


@cache
def sources(*tops: str) -> dict[Path, ast.Module]:
    """Every Python file below ``tops``, parsed."""
    files = [file for top in tops for file in sorted((ROOT / top).rglob("*.py"))]
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}


def product() -> dict[Path, ast.Module]:
    return sources(*sorted(PACKAGES))


def modules() -> list[str]:
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in product())
    return sorted(name.removesuffix(".__init__") for name in names)


def everything() -> dict[Path, ast.Module]:
    return sources(*sorted(PACKAGES), "tests", "benchmarks")


def is_module(name: str) -> bool:
    """Whether ``name`` can be imported; ours are looked up as files, so that nothing is run."""
    if name.split(".")[0] in PACKAGES | TOOLS:
        path = ROOT.joinpath(*name.split("."))
        return path.with_suffix(".py").is_file() or path.is_dir()
    return name in sys.builtin_module_names or importlib.util.find_spec(name.split(".")[0]) is not None


def test_the_top_holds_packages_and_tools_only():
    assert {"liyi", "posture", "speech"} == PACKAGES
    with_python = {file.parent.name for file in ROOT.glob("*/*.py")}
    assert with_python <= PACKAGES | TOOLS
    assert [file.name for file in ROOT.glob("*.py")] == ["app.py"]


def test_no_package_lacks_its_init():
    lacking = {file.parent for file in product() if not (file.parent / "__init__.py").is_file()}
    # Migrations are run from their files, not imported.
    assert {folder.relative_to(ROOT).as_posix() for folder in lacking} == {
        "liyi/records/migrations", "liyi/records/migrations/versions",
    }  # fmt: skip


def test_no_module_name_stands_twice_within_a_room():
    """Who reads an import or a traceback knows the room and the name, seldom the folder between them."""
    by_name: dict[tuple[str, str], list[str]] = {}
    for file in product():
        path = file.relative_to(ROOT)
        room = "/".join(path.parts[: 2 if path.parts[0] == "liyi" else 1])
        if path.name != "__init__.py":
            by_name.setdefault((room, path.stem), []).append(path.as_posix())
    assert [files for files in by_name.values() if len(files) > 1] == []


# What is made in one place, so that it is made alike: the call, and the modules that may make it.
MADE_ONCE = {
    "jinja2.Environment": {"liyi/core/templates.py"},
    "os.replace": {"liyi/core/atomic.py", "liyi/scoring/folder.py"},  # the folder moves a set of files at once
    "os.rename": set(),
    "shutil.move": set(),
}


def test_what_is_made_in_one_place_is_made_there_only():
    found: dict[str, set[str]] = {name: set() for name in MADE_ONCE}
    moved = set()
    for file, tree in product().items():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func)
            if name in found:
                found[name].add(file.relative_to(ROOT).as_posix())
            # `Path.replace` takes one argument; that of a text takes two, those of a time and a dataclass names.
            method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if method in ("replace", "rename") and len(call.args) == 1 and not call.keywords:
                moved.add(f"{file.relative_to(ROOT).as_posix()}: {ast.unparse(call)}")
    assert found == MADE_ONCE
    assert moved == set()


# ------------------------------------------------------------------ pyproject


def test_the_wheel_holds_the_packages_and_nothing_else():
    assert set(WHEEL["only-include"]) == PACKAGES
    assert not {"include", "packages", "sources"} & set(WHEEL)


def test_what_the_wheel_ships_is_there_and_whole():
    brought = WHEEL["force-include"]
    assert all((ROOT / source).exists() for source in brought)
    assert all(target == f"liyi/shipped/{source}" for source, target in brought.items())
    samples = {file.relative_to(ROOT).as_posix() for pattern in ("*.mp4", "*.parquet")
               for file in ROOT.glob(f"sample_media/{pattern}")}  # fmt: skip
    models = {file.relative_to(ROOT).as_posix() for file in (ROOT / "models").iterdir()}
    assert samples | models | {"app.py", ".streamlit"} == set(brought)


def test_everything_asked_of_the_shipped_data_is_shipped():
    asked = [
        argument.value
        for tree in product().values()
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and last_name(call.func) == "shipped"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    ]
    assert asked
    for name in asked:
        assert any(name == source or source.startswith(f"{name}/") for source in WHEEL["force-include"]), name


def test_no_data_file_is_hidden_from_the_wheel():
    """hatchling leaves out what git ignores."""
    ignored = [line for line in (ROOT / ".gitignore").read_text().split() if not line.endswith("/")]
    data = {file.suffix for top in PACKAGES for file in (ROOT / top).rglob("*") if file.is_file()}
    assert {".po", ".j2", ".css", ".mjs", ".toml", ".mako"} <= data
    assert not {line.lstrip("*") for line in ignored} & data


def test_the_entry_point_is_there():
    module, _, name = SETTINGS["project"]["scripts"]["liyi"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_types_are_checked_in_every_package():
    assert set(TOOL["mypy"]["packages"]) == PACKAGES


def test_imports_are_sorted_with_every_package_as_our_own():
    assert set(TOOL["ruff"]["lint"]["isort"]["known-first-party"]) == PACKAGES


def test_import_linter_sees_every_package():
    assert set(TOOL["importlinter"]["root_packages"]) == PACKAGES


def test_every_room_has_its_floor():
    (layers,) = [contract for contract in TOOL["importlinter"]["contracts"] if contract["type"] == "layers"]
    floors = [room.strip() for floor in layers["layers"] for room in re.split(r"[|:]", floor)]
    assert sorted(floors) == sorted(ROOMS)


def test_what_one_room_knows_is_forbidden_to_every_other():
    contracts = [contract for contract in TOOL["importlinter"]["contracts"] if contract["type"] == "forbidden"]
    told = {forbidden: contract for contract in contracts for forbidden in contract["forbidden_modules"]}
    assert set(KNOWS) == set(told)
    for forbidden, rooms in KNOWS.items():
        assert set(told[forbidden]["source_modules"]) == ROOMS - rooms, forbidden


@pytest.mark.parametrize("name", [*modules(), "posture.a_module_to_come", "liyi.a_room_to_come.in_it"])
def test_runtime_warnings_fail_tests_wherever_they_come_from(name):
    with pytest.raises(RuntimeWarning):
        warnings.warn_explicit("divide by zero", RuntimeWarning, "file.py", 1, module=name, registry={})


def test_runtime_warnings_of_others_do_not():
    with warnings.catch_warnings(record=True):
        warnings.warn_explicit("divide by zero", RuntimeWarning, "file.py", 1, module="numpy.core", registry={})


# ------------------------------------------------------------------ names in strings


def last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def run_by_name() -> list[tuple[str, str]]:
    """What is started by ``python -m NAME``: each with the file that does it."""
    found = []
    for file, tree in everything().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and last_name(node.func) in ("python_module", "start_process"):
                if not node.args:
                    continue
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    found.append((file.name, str(name.value)))
            if isinstance(node, ast.List | ast.Tuple):
                if not any(isinstance(word, ast.Constant) and word.value == "-m" for word in node.elts):
                    continue
                words = [word.value if isinstance(word, ast.Constant) else ast.unparse(word) for word in node.elts]
                for before, flag, name in zip(words, words[1:], words[2:], strict=False):
                    # `liyi.core.children` passes on the names that `python_module` is given
                    if flag == "-m" and before in ("sys.executable", "-P", "-I") and file.name != "children.py":
                        found.append((file.name, name))
    text = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", ".ci/run", ".ci/wheel"))
    return found + [("Makefile", name) for name in re.findall(r"python -(?:P )?m ([\w.]+)", text)]


def test_what_is_run_by_name_can_be():
    asked = run_by_name()
    assert {"liyi", "liyi.scoring.child", "liyi.ui.ahead", "liyi.ui.worker"} <= {name for _, name in asked}
    for where, name in asked:
        assert is_module(name), f"{where} runs {name}"
        assert "." in name or name not in PACKAGES or (ROOT / name / "__main__.py").is_file()


def test_what_is_imported_by_name_can_be():
    for file, tree in everything().items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and last_name(call.func) in ("find_spec", "import_module") and call.args:
                name = call.args[0]
                if isinstance(name, ast.Constant) and f"{name.value}.py" not in file.read_text(
                    "utf-8"
                ):  # made by a test
                    assert is_module(str(name.value)), f"{file}: {name.value}"


def test_what_tests_replace_by_name_is_there():
    found = 0
    for tree in sources("tests").values():
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and last_name(call.func) in ("setattr", "patch") and call.args):
                continue
            target = call.args[0]
            if isinstance(target, ast.Constant) and isinstance(target.value, str):
                found += 1
                pkgutil.resolve_name(target.value)  # raises where it is not there
    assert found


def test_imports_in_strings_are_of_modules_that_are_there():
    """Programs that tests and the Makefile hand to another Python."""
    pattern = re.compile(rf"\b(?:from|import) ((?:{'|'.join(sorted(PACKAGES))})(?:\.\w+)*)")
    texts = [(file.name, node.value) for file, tree in everything().items() for node in ast.walk(tree)
             if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip
    found = [(where, name) for where, text in texts for name in pattern.findall(text)]
    for file in (ROOT / "Makefile", ROOT / ".ci" / "wheel", *ROOT.glob("liyi/**/*.mako")):  # none that a test runs
        found += [(file.name, name) for name in re.findall(r"\bfrom ([\w.]+) import", file.read_text(encoding="utf-8"))]
    assert found
    for where, name in found:
        assert is_module(name), f"{where} imports {name}"


REFERENCE = re.compile(rf"(?<!`)`((?:{'|'.join(sorted(PACKAGES))})(?:\.\w+)+)(?:\(\))?`(?!`)")


def is_thing(name: str) -> bool:
    """Whether a dotted name is a module of ours or stands at the top of one (or is an attribute of what does)."""
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:size])
        file = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
        if file.is_file():
            names = {getattr(node, "name", "") for node in product()[file].body}
            for node in product()[file].body:
                targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
                names |= {name.id for target in targets if target is not None for name in ast.walk(target)
                          if isinstance(name, ast.Name)}  # fmt: skip
            return size == len(parts) or parts[size] in names
    return False


def test_references_in_docstrings_and_comments_hold():
    found = [(file, name) for file in everything() for name in REFERENCE.findall(file.read_text(encoding="utf-8"))]
    assert len(found) > 20
    assert [f"{file.name}: {name}" for file, name in found if not is_thing(name)] == []


# ------------------------------------------------------------------ paths in prose


def test_paths_in_the_handbook_are_there():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    tops = "|".join(sorted(PACKAGES | TOOLS | {"docs", "models"}))
    found = 0
    for page in pages:
        for path in re.findall(rf"`((?:{tops})/[\w./*-]*)`", page.read_text(encoding="utf-8")):
            found += 1
            assert list(ROOT.glob(path.rstrip("/"))), f"{page.name} names {path}"
    assert found > 10


def test_the_handbook_names_every_package():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text.partition("## Packages")[2].partition("\n## ")[0]
    assert {name.strip("/").replace("/", ".") for name in re.findall(r"`((?:liyi/)?\w+/)`", table)} >= ROOMS


# ------------------------------------------------------------------ tools


def test_make_knows_what_it_offers():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.M)[1].split())  # type: ignore[index]
    assert phony == set(re.findall(r"^([a-z]+):", text, re.M))
    asked = set(re.findall(r"\bmake ([a-z]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8")))
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")):
        asked |= set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
    assert asked
    assert asked <= phony


def test_pre_commit_runs_what_make_lint_does():
    hooks = re.findall(r"entry: \.venv/bin/([\w-]+)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    assert set(hooks) == set(re.findall(r"\$\(BIN\)/([\w-]+)", recipe))
    assert all((Path(sys.executable).parent / hook).is_file() for hook in hooks)


def test_templates_and_static_files_that_are_named_are_there():
    named = {name for file in product() for name in re.findall(r'\btemplate\("([^"]+)"', file.read_text("utf-8"))}
    there = {file.name for file in ROOT.glob("liyi/*/templates/*.j2")}
    assert named == {name for name in there if name in named}
    assert named
    from liyi.ui.live import routes

    static = ROOT / "liyi" / "ui" / "live" / "static"
    own = {file.name for file in static.iterdir()}
    assert own
    assert all(routes._served(name) for name in own)


def test_streamlit_finds_no_pages_by_itself():
    """A folder `pages` beside the main script would be listed in its own navigation, before the language is known."""
    from liyi.ui import MAIN, pages

    assert MAIN.is_file()
    assert not (MAIN.parent / "pages").exists()
    declared = {page.draw.__module__ for page in pages.all_pages()}
    assert declared == {f"liyi.ui.screens.{file.stem}" for file in (MAIN.parent / "screens").glob("[!_]*.py")}
    assert len({page.address for page in pages.all_pages()}) == len(declared)
