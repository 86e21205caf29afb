"""Blind ratings out of the store, in the two tables that `liyi agreement` takes."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from liyi import cli
from liyi.agreement.ratings import read_ratings
from liyi.agreement.score_table import read_scores
from liyi.records.operations import feedback
from liyi.records.operations.rating_tables import rating_tables
from tests.records.rehearsal import rehearsing
from tests.records.world import SHA256


@pytest.mark.parametrize("settled", ["sqlite"], indirect=True)
def test_ones_own_and_those_that_one_may_see(settled):
    store, world = settled
    with rehearsing(store) as trial:
        found = rating_tables(trial, world.viewers["evaluator"])
        assert sorted(row["score"] for row in found.ratings) == [60.0, 70.0]
        assert {(row["recording"], row["criterion"]) for row in found.ratings} == {(SHA256, "pace")}
        assert "trainer" not in str(found.ratings)
        [scores] = found.scores
        assert (scores["pack_version"], scores["total"], scores["sub_score.pace"]) == ("1.1.0", 80.0, 0.5)
        assert scores["sub_score.toe_angle"] is None
        feedback.rate(trial, world.viewers["trainer"], world.recording, "shoulder_tilt", 90)
        assert len(rating_tables(trial, world.viewers["evaluator"]).ratings) == 2, "not rated by this one yet"


@pytest.mark.parametrize("built", ["sqlite"], indirect=True)
def test_the_command_writes_what_agreement_reads(inhabited, tmp_path, monkeypatch):
    store, _ = inhabited
    monkeypatch.setenv("LIYI_DATA", str(store.folder))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)

    def run(account: str, folder) -> str:
        done = CliRunner().invoke(cli.app, ["records", "ratings", str(folder), "--as", account, "--lang", "en"])
        return f"{done.exit_code} {done.output}"

    out = tmp_path / "rated"
    assert run("trainer", out).startswith("0 Ratings: 2, of 1 recordings.")
    ratings, scores = read_ratings(out / "ratings.csv", "0-100"), read_scores(out / "scores.parquet")
    assert {(each.recording, each.criterion, each.points) for each in ratings.items} == {
        (SHA256, "pace", 70.0), (SHA256, "pace", 60.0)
    }  # fmt: skip
    [id] = scores.names[SHA256]
    assert (scores.points["total"][id], scores.points["pace"][id]) == (80.0, 50.0)
    assert "not empty" in run("trainer", out)
    assert run("owner", tmp_path / "none").startswith("1 There are no ratings")
