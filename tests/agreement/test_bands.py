"""Suggested bands: moved edges stay a sound pack, chance moves none, the new pack is the old one but for them."""

from __future__ import annotations

import numpy as np
import pytest
from typer.testing import CliRunner

from liyi.agreement.bands import FEWEST, candidates, decide, pass_row, passes
from liyi.agreement.new_pack import next_version, write_new_version
from liyi.cli import app
from liyi.core.errors import LiyiError
from liyi.core.trace import Interval, Scalar
from liyi.etiquette.norms import NormPackError, check_pack, diff_packs, load_pack, pack_bytes
from liyi.etiquette.performance import Performance
from liyi.etiquette.store import save_performance
from speech.voice import Voice
from tests.agreement.agreement_data import write_ratings, write_scores

# ------------------------------------------------------------------ moving edges


@pytest.mark.parametrize("pack", ["counter", "presentation"])
def test_every_candidate_keeps_its_bands_inside_one_another(pack):
    for criterion in load_pack(pack).criteria.values():
        tried = candidates(criterion)
        assert tried[0] == criterion
        assert len(tried) > 1
        for other in tried:
            assert other.fail[0] <= other.tolerable[0] <= other.good[0] <= other.good[1]
            assert other.good[1] <= other.tolerable[1] <= other.fail[1]
            assert np.isfinite(other.good).tolist() == np.isfinite(criterion.good).tolist()
            assert other.share == criterion.share


def test_a_bound_that_is_no_edge_stays():
    facing = load_pack("counter").criteria["facing"]  # [0, 25], [0, 40], [0, 60]
    assert {other.good[0] for other in candidates(facing)} == {0}
    assert {28.0, 22.0} < {other.good[1] for other in candidates(facing)}


def test_a_wider_band_passes_whatever_a_narrower_passes():
    snr = load_pack("counter").criteria["snr"]
    tried = sorted(candidates(snr), key=lambda c: -c.good[0])
    for value in (2.0, 11.0, 13.0, 19.0, 25.0):
        row = pass_row(Scalar("snr", "dB", value, 60.0), tried)
        assert row == sorted(row)


# ------------------------------------------------------------------ believing in them


def simulated(n: int, shift: float, *, seed: int, noise: float = 1.5):
    """Simulation, not people: raters who pass a recording from 12 dB less ``shift`` on, give or take ``noise``."""
    rng = np.random.default_rng(seed)
    snr = load_pack("counter").criteria["snr"]
    value = rng.uniform(0, 24, n)
    tried = candidates(snr)
    table = np.array([pass_row(Scalar("snr", "dB", float(v), 60.0), tried) for v in value])
    return decide("snr", tried, table, value + rng.normal(0, noise, n) >= 12 - shift)


@pytest.mark.parametrize("shift", [4.0, -4.0])
def test_a_known_shift_of_the_edge_is_found(shift):
    trials = [simulated(120, shift, seed=seed, noise=0.5) for seed in range(10)]
    found = [trial.moved.tolerable[0] for trial in trials if trial.moved is not None]
    assert len(found) >= 9
    assert np.median(found) == pytest.approx(12 - shift, abs=1.6)  # one step
    assert all(trial.then > trial.now for trial in trials if trial.moved is not None)


def test_chance_moves_no_band():
    moved = sum(simulated(40, 0.0, seed=seed, noise=4.0).moved is not None for seed in range(60))
    assert moved <= 2  # of 60; an interval of 95 % leaves 2.5 % above


def test_few_recordings_or_one_verdict_move_nothing():
    assert not simulated(FEWEST - 1, 6.0, seed=1).enough
    one_sided = decide("snr", [], np.ones((50, 1), bool), np.ones(50, bool))
    assert not one_sided.enough
    assert one_sided.moved is None


def test_a_pass_is_no_fault_in_the_report():
    assert passes(0.6)
    assert not passes(0.599)


# ------------------------------------------------------------------ the new pack


def moved_tilt():
    pack = load_pack("counter")
    tilt = pack.criteria["shoulder_tilt"].model_copy(
        update={"good": (-3.6, 3.6), "tolerable": (-6.6, 6.6), "fail": (-12.6, 12.6)}
    )
    return pack, {"shoulder_tilt": tilt}


def test_only_the_named_lines_change(tmp_path):
    pack, moved = moved_tilt()
    old = pack_bytes("counter")
    new = write_new_version(old, pack, moved, {"shoulder_tilt": "why"}, tmp_path / "new.toml")
    before, after = old.decode().splitlines(), (tmp_path / "new.toml").read_text(encoding="utf-8").splitlines()
    gone, come = [line for line in before if line not in after], [line for line in after if line not in before]
    bands = ["good = [-3, 3]", "tolerable = [-6, 6]", "fail = [-12, 12]"]
    assert gone == [f'version = "{pack.version}"', *bands]
    moved_bands = ["good = [-3.6, 3.6]", "tolerable = [-6.6, 6.6]", "fail = [-12.6, 12.6]"]
    assert come == [f'version = "{next_version(pack.version)}"', "# why", *moved_bands]
    assert len(after) == len(before) + 1
    assert new.version == next_version(pack.version)
    assert next_version("1.9.3") == "1.10.0"
    assert check_pack(tmp_path / "new.toml") == []
    assert [change.key for change in diff_packs(pack, load_pack(tmp_path / "new.toml"))] == [
        "version", *(f"criteria.shoulder_tilt.{key}" for key in ("good", "tolerable", "fail"))
    ]  # fmt: skip


def test_an_editors_marks_and_line_ends_stay(tmp_path):
    pack, moved = moved_tilt()
    old = b"\xef\xbb\xbf" + pack_bytes("counter").replace(b"\n", b"\r\n")
    write_new_version(old, pack, moved, {"shoulder_tilt": "why"}, tmp_path / "new.toml")
    new = (tmp_path / "new.toml").read_bytes()
    assert new.startswith(b"\xef\xbb\xbf")
    assert new.count(b"\n") == new.count(b"\r\n") == old.count(b"\n") + 1


def test_a_pack_is_never_overwritten(tmp_path):
    pack, moved = moved_tilt()
    target = tmp_path / "mine.toml"
    target.write_text("mine")
    with pytest.raises(LiyiError, match="not overwritten"):
        write_new_version(pack_bytes("counter"), pack, moved, {"shoulder_tilt": ""}, target)
    assert target.read_text() == "mine"


def test_bands_written_another_way_are_refused(tmp_path):
    pack, moved = moved_tilt()
    over_two_lines = pack_bytes("counter").replace(b"good = [-3, 3]", b"good = [-3,\n  3]", 1)
    with pytest.raises(NormPackError, match="a line each"):
        write_new_version(over_two_lines, pack, moved, {"shoulder_tilt": ""}, tmp_path / "new.toml")
    assert not (tmp_path / "new.toml").exists()


# ------------------------------------------------------------------ the whole way


def heard(snr_db: float) -> Performance:
    """A minute of speech of which nothing matters but its level over the noise."""
    t = np.arange(0.0, 60.0, 0.01)
    flat = np.full(t.size, -26, np.float32)
    voice = Voice(60.0, (Interval(0.0, 60.0),), t, flat, flat + 200, np.arange(0.5, 59.5, 0.25), (), 0.0, snr_db, None)
    return Performance(name="a.wav", sha256="0" * 64, duration_s=60.0, body=None, voice=voice)


@pytest.fixture(scope="module")
def batch(tmp_path_factory):
    """A batch's folder of 40 recordings with stored measures, and (simulated) people who pass from 8 dB on."""
    folder = tmp_path_factory.mktemp("batch")
    snr = np.linspace(2, 26, 40)
    for i, value in enumerate(snr):
        place = folder / "recordings" / f"key{i:03d}"
        place.mkdir(parents=True)
        save_performance(place / "measures.parquet", heard(float(value)), {})
    scores = np.interp(snr, [8, 12, 20], [0, 0.6, 1]).tolist()
    write_scores(folder / "scores.parquet", {"sub_score.snr": scores, "sub_score.pace": [0.5] * 40})
    rng = np.random.default_rng(2)
    rows = [
        (f"key{i:03d}", rater, criterion, int(np.clip(3 + (value - 8 + rng.normal(0, 1)) // 4, 1, 5)), "")
        for i, value in enumerate(snr)
        for rater in ("甲", "乙")
        for criterion in ("snr", "pace")
        if criterion == "snr" or i < 8
    ]
    write_ratings(folder / "ratings.csv", rows)
    return folder


def liyi(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_a_suggestion_is_written_checked_and_shown(batch, tmp_path):
    new = tmp_path / "new.toml"
    done = liyi("agreement", batch / "ratings.csv", batch / "scores.parquet", "--suggest", new, "--out", tmp_path,
                "--lang", "en")  # fmt: skip
    assert done.exit_code == 0, done.output
    pack = load_pack(new)
    assert pack.criteria["snr"].tolerable[0] == pytest.approx(8, abs=1.6)
    assert pack.criteria["pace"] == load_pack("counter").criteria["pace"]  # 8 recordings are too few
    assert "Too few" in done.output
    text = new.read_text(encoding="utf-8")
    assert "40 recordings" in text
    assert "ratings.csv sha256" in text
    assert liyi("norms", "check", new).exit_code == 0
    shown = liyi("norms", "diff", "counter", new).output
    assert "criteria.snr.tolerable: [12, inf] -> [" in shown
    assert len(shown.splitlines()) == 4
    page = (tmp_path / "agreement.html").read_text(encoding="utf-8")
    assert "Suggested bands" in page
    again = liyi("agreement", batch / "ratings.csv", batch / "scores.parquet", "--suggest", new, "--out", tmp_path)
    assert again.exit_code == 1
    assert new.read_text(encoding="utf-8") == text


def test_nothing_is_suggested_unasked(batch, tmp_path):
    done = liyi("agreement", batch / "ratings.csv", batch / "scores.parquet", "--out", tmp_path, "--lang", "zh")
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"agreement.csv", "agreement.html"}


def test_scores_without_their_measures_suggest_nothing(batch, tmp_path):
    scores = tmp_path / "scores.parquet"
    scores.write_bytes((batch / "scores.parquet").read_bytes())
    done = liyi("agreement", batch / "ratings.csv", scores, "--suggest", tmp_path / "new.toml", "--lang", "en")
    assert done.exit_code == 1
    assert "No measures stand beside the scores" in done.output
    assert not (tmp_path / "new.toml").exists()
