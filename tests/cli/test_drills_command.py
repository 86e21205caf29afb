"""``liyi drills``: the list, one drill, and a file's faults with their lines and exit code 1."""

from __future__ import annotations

from typer.testing import CliRunner

from liyi.cli import app
from tests.drill_text import drill_text


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["drills", *args, "--lang", "zh"])
    return done.exit_code, done.output


def test_drills_are_listed_shown_and_checked(tmp_path, monkeypatch):
    monkeypatch.delenv("LIYI_DRILLS", raising=False)
    assert "level_shoulders  双肩放平  20 s" in run("list")[1]
    code, told = run("show", "read_120")
    assert code == 0
    assert "105 到 135\N{NO-BREAK SPACE}字/分" in told
    assert run("show", "nothing")[0] == 1
    own = tmp_path / "own.toml"
    own.write_text(drill_text("mine"), encoding="utf-8")
    assert run("check", str(own)) == (0, "科目文件 own.toml 没有错误：mine。\n")
    own.write_text(drill_text("mine", seconds=1.0), encoding="utf-8")
    code, told = run("check", str(own))
    assert code == 1
    assert "第 6 行" in told
    monkeypatch.setenv("LIYI_DRILLS", str(tmp_path))
    assert "own.toml" in run("list")[1]
    assert run("check", str(tmp_path / "none.toml"))[0] == 1
