"""Ratings held against scores: what is compared, what is left out and said, and what is written."""

from __future__ import annotations

import csv
import math
import re

import numpy as np
import pytest
from rich.console import Console

from liyi.agreement.charts import bland_altman, scatter
from liyi.agreement.concordance import limits_of_agreement
from liyi.agreement.ratings import SCALES, Rating, Ratings, RatingsError, read_ratings
from liyi.agreement.run import compare
from liyi.agreement.score_table import read_scores
from liyi.agreement.study import FEW, AmbiguousError, band, study
from liyi.agreement.table import COMPARISONS, STATISTICS
from liyi.batch.rows import Row
from liyi.cohort.tables import write_tables
from liyi.core.errors import LiyiError
from liyi.etiquette.norms import load_pack
from tests.agreement.agreement_data import simulate, write_ratings, write_scores
from tests.cohort import batches


def rated(cells: dict[tuple[str, str], float], criterion: str = "total", scale: str = "0-100") -> Ratings:
    items = [Rating(r, rater, criterion, "", p, line) for line, ((r, rater), p) in enumerate(cells.items(), 2)]
    return Ratings(tuple(items), SCALES[scale], detected=False)


@pytest.fixture
def scored(tmp_path):
    def make(**columns):
        count = len(next(iter(columns.values())))
        return read_scores(write_scores(tmp_path / "scores.parquet", {"total": [50.0] * count, **columns}))

    return make


# ------------------------------------------------------------------ the file of ratings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_ratings_as_spreadsheets_save_them(tmp_path, encoding):
    file = write_ratings(tmp_path / "评分.csv", [("窗口.mp4", "张老师", "total", "4", "")], encoding=encoding)
    (item,) = read_ratings(file).items
    assert (item.recording, item.rater, item.points, item.line) == ("窗口.mp4", "张老师", 80, 2)


@pytest.mark.parametrize(
    ("scores", "scale"),
    [((0, 1, 0.5), "0-1"), ((1, 3, 5), "1-5"), ((55, 80.5, 0), "0-100"), ((2, 3.5, 30, 70), "0-100")],
)
def test_the_scale_is_told_from_the_scores(tmp_path, scores, scale):
    file = write_ratings(tmp_path / "r.csv", [(f"{i}", "a", "total", s, "") for i, s in enumerate(scores)])
    found = read_ratings(file)
    assert (found.scale.name, found.detected) == (scale, True)


@pytest.mark.parametrize("scores", [(1, 1, 1), (3, 4, 2, 44)])
def test_a_scale_is_not_guessed(tmp_path, scores):
    """Ones stand on every scale; a 44 among grades is a slip of 4, not a sign of another scale."""
    file = write_ratings(tmp_path / "r.csv", [(f"{i}", "a", "total", s, "") for i, s in enumerate(scores)])
    with pytest.raises(LiyiError, match="--scale"):
        read_ratings(file)


def test_every_fault_is_told_with_its_line(tmp_path):
    rows = [
        ("a.mp4", "x", "total", "3", ""), ("a.mp4", "x", "total", "4", ""), ("", "x", "total", "2", ""),
        ("b.mp4", "x", "total", "good", ""), ("c.mp4", "x", "total", "6", ""), ("d.mp4", "x", "total", "", ""),
        ("e.mp4", "x", "total", "nan", ""),
    ]  # fmt: skip
    with pytest.raises(RatingsError) as refused:
        read_ratings(write_ratings(tmp_path / "r.csv", rows), "1-5")
    assert [(f.line, f.key) for f in refused.value.faults] == [
        (3, ""), (4, "recording"), (5, "score"), (6, "score"), (8, "score")
    ]  # fmt: skip


def test_thousands_of_faults_are_counted(tmp_path):
    rows = [(f"{i}", "x", "total", "?", "") for i in range(5000)]
    with pytest.raises(RatingsError) as refused:
        read_ratings(write_ratings(tmp_path / "r.csv", rows), "1-5")
    assert "4900 more" in str(refused.value)


def test_missing_columns_and_files(tmp_path):
    file = write_ratings(tmp_path / "r.csv", [("a", "b")], header=("recording", "judge"))
    with pytest.raises(RatingsError) as refused:
        read_ratings(file)
    assert [fault.key for fault in refused.value.faults] == ["criterion", "score"]  # "judge" is the rater
    with pytest.raises(LiyiError, match=r"nowhere\.csv"):
        read_ratings(tmp_path / "nowhere.csv")
    (tmp_path / "x.csv").write_bytes(b"recording,rater,criterion,score\n\xff\xff\xff,a,total,1\n")
    with pytest.raises(LiyiError):
        read_ratings(tmp_path / "x.csv")
    with pytest.raises(LiyiError, match=r"scores\.parquet"):
        read_scores(tmp_path / "x.csv")


# ------------------------------------------------------------------ who is compared with whom


def test_a_recording_is_known_by_each_of_its_names(scored):
    table = scored(total=[10.0, 20.0, 30.0, 40.0])
    names = ("窗口_000.mp4", "/videos/窗口_001.mp4", "key002", f"{3:064x}")
    found = study(rated({(name, "x"): 50.0 for name in names}), table)
    tool = found.targets[0].tool
    assert dict(zip(tool.recordings, tool.tool, strict=True)) == {f"key{i:03d}": 10.0 * (i + 1) for i in range(4)}


def test_a_name_of_two_recordings_is_refused(tmp_path):
    path = write_scores(tmp_path / "s.parquet", {"file": ["/a/v.mp4", "/b/v.mp4"], "total": [1.0, 2.0]})
    with pytest.raises(AmbiguousError, match=r"line 2, recording: v\.mp4 is the name of 2"):
        study(rated({("v.mp4", "x"): 50.0}), read_scores(path))


def test_one_recording_under_two_names_is_refused(scored):
    with pytest.raises(AmbiguousError, match=r"line 3.*line 2"):
        study(rated({("key000", "x"): 50.0, ("窗口_000.mp4", "x"): 60.0}), scored(total=[1.0]))


def test_strangers_are_refused_and_some_strangers_are_named(scored):
    table = scored(total=[1.0])
    with pytest.raises(LiyiError, match="No rated recording"):
        study(rated({("other.mp4", "x"): 50.0}), table)
    found = study(rated({("key000", "x"): 50.0, ("other.mp4", "x"): 50.0}), table)
    assert any("other.mp4" in notice.text for notice in found.notices)
    assert found.targets[0].tool.recordings == ("key000",)


def test_a_criterion_without_scores_is_compared_between_people(scored):
    cells = {(f"key{i:03d}", rater): float(10 * i + (rater == "y")) for i in range(5) for rater in "xy"}
    found = study(rated(cells, "shoulder_tlit"), scored(**{"sub_score.shoulder_tilt": [0.5] * 5}))
    (target,) = found.targets
    assert target.tool is None
    assert target.humans.single.value > 0.9
    assert any("did you mean shoulder_tilt" in notice.text for notice in found.notices)


def test_what_was_not_assessed_is_left_out_and_counted(scored):
    table = scored(**{"sub_score.pace": [0.5, None, 0.7, 0.9, None]})
    found = study(rated({(f"key{i:03d}", "x"): 60.0 for i in range(5)}, "pace"), table)
    tool = found.targets[0].tool
    assert (tool.recordings, tool.not_assessed) == (("key000", "key002", "key003"), 2)
    assert list(tool.tool) == pytest.approx([50, 70, 90])


def test_incomplete_designs_keep_the_recordings_all_raters_share(scored):
    """x and y rated all twelve, z only two: z is left out rather than ten recordings."""
    rng = np.random.default_rng(1)
    cells = {(f"key{i:03d}", rater): float(rng.integers(0, 100)) for i in range(12) for rater in "xy"}
    cells |= {("key000", "z"): 50.0, ("key001", "z"): 40.0}
    del cells["key011", "y"]
    humans = study(rated(cells), scored(total=[50.0] * 12)).targets[0].humans
    assert (humans.raters, humans.left_out, humans.recordings, humans.dropped) == (("x", "y"), ("z",), 11, 1)


def test_raters_who_share_nothing_are_not_compared(scored):
    cells = {(f"key{i:03d}", "xy"[i % 2]): 50.0 for i in range(8)}
    humans = study(rated(cells), scored(total=[50.0] * 8)).targets[0].humans
    assert humans.recordings == 0
    assert math.isnan(humans.single.value)


def test_the_first_session_counts_and_the_second_is_compared_with_it(scored):
    items = [
        Rating(f"key{i:03d}", "x", "total", session, 10.0 * i + 3 * (session == "10"), 0)
        for i in range(8)
        for session in ("10", "2")
    ]
    target = study(Ratings(tuple(items), SCALES["0-100"], False), scored(total=[50.0] * 8)).targets[0]
    assert list(target.tool.human) == [10.0 * i for i in range(8)]  # 2 comes before 10
    assert target.repeats.pairs == 8
    assert target.repeats.rank.value == pytest.approx(1)
    assert target.repeats.single.value < 1


def test_bands_are_those_of_the_report():
    assert [band(p) for p in (0, 59.99, 60, 79.9, 80, 100)] == [0, 0, 1, 1, 2, 2]


# ------------------------------------------------------------------ simulated raters


@pytest.mark.parametrize(("bias", "noise"), [(8.0, 5.0), (-6.0, 3.0), (0.0, 10.0)])
def test_known_bias_and_noise_are_found_again(tmp_path, bias, noise):
    """Simulation, not people: three raters with noise of 4 points, a tool of known bias and noise."""
    ratings, scores = simulate(tmp_path, n=80, bias=bias, noise=noise)
    target = study(read_ratings(ratings), read_scores(scores)).targets[0]
    limits = target.tool.limits
    assert limits.bias.low <= bias <= limits.bias.high
    sd = math.hypot(noise, 4 / math.sqrt(3))
    assert limits.lower.low <= bias - 1.96 * sd <= limits.lower.high
    assert limits.upper.low <= bias + 1.96 * sd <= limits.upper.high
    true_icc = 144 / (144 + 16)
    assert target.humans.single.low <= true_icc <= target.humans.single.high


# ------------------------------------------------------------------ what is written


@pytest.fixture(scope="module")
def pack():
    return load_pack("counter")


def run(ratings, scores, out, pack, lang="en"):
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    compare(ratings, scores, scale=None, pack=pack, pack_name="counter", suggest=None, out=out, lang=lang,
            console=console)  # fmt: skip
    return console.export_text()


def test_the_same_files_give_the_same_bytes(tmp_path, pack):
    ratings, scores = simulate(tmp_path)
    for name in ("one", "two"):
        run(ratings, scores, tmp_path / name, pack)
    for name in ("agreement.csv", "agreement.html"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_table_of_figures(tmp_path, pack):
    ratings, scores = simulate(tmp_path, n=30)
    run(ratings, scores, tmp_path / "out", pack)
    data = (tmp_path / "out" / "agreement.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    assert {row["comparison"] for row in rows} == {"people", "tool_people"} < set(COMPARISONS)
    assert {row["statistic"] for row in rows} == set(STATISTICS)
    for row in rows:
        assert float(row["ci95_low"]) <= float(row["value"]) <= float(row["ci95_high"])
        assert row["n"] == "30"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_few_recordings_carry_a_caution_and_no_praise(tmp_path, pack, lang):
    ratings, scores = simulate(tmp_path, n=FEW - 1)
    shown = run(ratings, scores, tmp_path / "out", pack, lang)
    page = (tmp_path / "out" / "agreement.html").read_text(encoding="utf-8")
    for text in (shown, page):
        assert "▲ 9" in text
        assert ("不足 10 份" if lang == "zh" else "Fewer than 10") in text
    body = re.sub(r"<style>.*?</style>|<p>No words such.*?</p>|<p>这些数字.*?</p>", "", page, flags=re.S)
    assert not re.search(r"excellent|moderate|substantial|优秀", body)


def test_the_page_stands_alone_and_holds_both_charts(tmp_path, pack):
    ratings, scores = simulate(tmp_path, n=20)
    run(ratings, scores, tmp_path / "out", pack, "zh")
    page = (tmp_path / "out" / "agreement.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)=["'](?!#)|url\(|<script|@import""", page)
    assert page.count('class="chart"') == 2
    assert page.count("<circle") == 40


def test_names_cannot_become_markup_or_formulas(tmp_path, pack):
    evil = '=1+1"<b>x</b>'
    rows = [(f"窗口_{i:03d}.mp4", evil + rater, evil, 20 * i, "") for i in range(5) for rater in "xy"]
    rows += [("窗口_000.mp4", "only<b>", evil, 3, "")]
    scores = write_scores(tmp_path / "s.parquet", {"total": [50.0] * 5})
    run(write_ratings(tmp_path / "r.csv", rows), scores, tmp_path, pack)
    assert "<b>" not in (tmp_path / "agreement.html").read_text(encoding="utf-8")
    assert "'=1+1" in (tmp_path / "agreement.csv").read_text(encoding="utf-8-sig")


def test_dots_stand_where_the_numbers_are():
    human, tool = np.array([0.0, 50.0, 100.0]), np.array([0.0, 60.0, 100.0])
    labels = {"across": "a", "up": "b", "label": "c"}
    points = re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', scatter(human, tool, ["", "", ""], **labels))
    (x0, y0), (x1, y1), (x2, y2) = [(float(x), float(y)) for x, y in points]
    assert x1 == pytest.approx((x0 + x2) / 2, abs=0.1)
    assert (y0 - y1) / (y0 - y2) == pytest.approx(0.6, abs=0.01)
    drawn = bland_altman(human, tool, limits_of_agreement(tool - human), ["", "<i>", ""], **labels)
    assert drawn.count('class="limit"') == 2
    assert "<i>" not in drawn


def test_scores_are_read_as_the_batch_writes_them(tmp_path):
    rows = [
        Row("/v/a.mp4", None, None, "k1", batches.assessment(82.44), None),
        Row("/v/low.mp4", None, None, "k2", batches.assessment(None, voice=None), None),
        Row("/v/broken.mp4", None, None, None, None, "broken.mp4 is empty."),
    ]
    write_tables(rows, tmp_path, "en")
    found = read_scores(tmp_path / "scores.parquet")
    assert list(found.recordings) == ["k1", "k2"]
    assert found.points["total"] == {"k1": 82.44}
    assert found.points["voice"] == {"k1": 90.0}
    assert found.points["shoulder_tilt"] == {"k1": 100.0, "k2": 100.0}
    assert found.points["filled_pauses"] == {}  # waits for a person's review
    assert found.packs == ("counter 1.0.0",)
