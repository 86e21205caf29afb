"""What is kept of a recording: read back to the last bit, judged again alike, and refused when damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from liyi.core.errors import LiyiError
from liyi.core.trace import Event, Events, Scalar
from liyi.etiquette import store
from liyi.etiquette.assess import assess, signals_of
from liyi.etiquette.store import load_performance, load_signals, save_performance
from speech.voice import SecondHearing, Voice, Word

RUN = {"liyi_version": "0", "created_at": "2026-01-01T00:00:00Z", "elapsed_s": 1.0}


def same(one, two) -> bool:
    """Equality of values to the last bit, NaN equal to NaN, with the same types."""
    if isinstance(one, np.ndarray):
        return one.dtype == two.dtype and one.shape == two.shape and one.tobytes() == two.tobytes()
    if hasattr(one, "__dataclass_fields__"):
        return type(one) is type(two) and all(same(getattr(one, f), getattr(two, f)) for f in one.__dataclass_fields__)
    if isinstance(one, tuple | list):
        return len(one) == len(two) and all(same(a, b) for a, b in zip(one, two, strict=True))
    return one == two or (one != one and two != two)


@pytest.fixture
def kept(build, counter, tmp_path):
    performance = build.performance()
    path = tmp_path / "measures.parquet"
    save_performance(path, performance, signals_of(performance, counter))
    return performance, path


def test_read_back_to_the_last_bit(kept):
    performance, path = kept
    assert same(load_performance(path), performance)


@pytest.mark.parametrize("missing", ["body", "voice"])
def test_a_part_may_be_missing(build, tmp_path, missing):
    performance = build.performance(**{missing: None})
    save_performance(tmp_path / "m.parquet", performance, {})
    assert same(load_performance(tmp_path / "m.parquet"), performance)


def test_gaps_and_odd_numbers_survive(build, tmp_path):
    body, voice = build.body(), build.voice()
    track = body.track
    track.points[50:60] = np.nan
    track.world[50:60] = np.nan
    voice.level_db[:] = np.float32(0.1)
    from posture.reading import read_body

    silent = type(voice)(
        20.0,
        (),
        voice.t,
        voice.level_db,
        np.full_like(voice.pitch_hz, np.nan),
        np.empty(0),
        (),
        0.0,
        float("nan"),
        None,
    )
    lit = replace(track, luma=np.linspace(0.0, 0.7, track.t.size))
    performance = build.performance(body=read_body(lit), voice=silent, options={"camera": "auto", "calibration": None})
    save_performance(tmp_path / "m.parquet", performance, {})
    assert same(load_performance(tmp_path / "m.parquet"), performance)


def test_the_second_reading_and_the_standstill_are_kept(build, tmp_path):
    from posture.face import FaceTrack
    from posture.reading import read_body
    from posture.track import Mirrored

    track = build.body().track
    sample = np.arange(0, track.t.size, 20)
    mirrored = Mirrored(sample, track.points[sample] + np.float32(0.1), track.world[sample])
    pair = np.random.default_rng(0).normal(size=(sample.size, 2)).astype(np.float32)
    pair[1::2, 1] = np.nan
    face = FaceTrack(sample, pair, -pair, pair + 1, np.abs(pair), pair[:, 0])
    track = replace(track, mirrored=mirrored, frozen=track.t > 5, still=track.t > 9, face=face)
    performance = build.performance(body=read_body(track), options={"camera": "auto", "calibration": None})
    save_performance(tmp_path / "m.parquet", performance, {})
    assert same(load_performance(tmp_path / "m.parquet"), performance)


@pytest.mark.parametrize("disagreement", [None, 0.1 + 0.2])
def test_what_the_second_recogniser_heard_is_kept(build, tmp_path, disagreement):
    words = (Word(1.0, 1.3, "您好", 1 / 3), Word(1.3, 2.0, "[unk]", 1.0))
    heard = SecondHearing(("您好", "不归我管"), words, disagreement)
    for second in (heard, replace(heard, words=())):
        performance = build.performance(voice=replace(build.voice(), second=second))
        save_performance(tmp_path / "m.parquet", performance, {})
        assert same(load_performance(tmp_path / "m.parquet"), performance)


def test_a_voice_from_before_there_was_a_second_recogniser_has_heard_nothing_with_it(build):
    voice = replace(build.voice(), second=SecondHearing(("您好",), ()))
    series = {each.id: each for each in voice.to_series() if each.id != "voice.second"}
    about = {key: value for key, value in voice.about().items() if key != "second"}
    assert Voice.from_series(series, about).second is None


@pytest.mark.parametrize("number", [-1.0, 1e300, np.nan, 10_000.0])
def test_a_second_reading_of_no_sample_is_damage(build, tmp_path, number):
    """It would be held against another sample's first reading, or against none."""
    from posture.reading import read_body
    from posture.track import Mirrored

    track = build.body().track
    sample = np.arange(0, track.t.size, 20)
    body = read_body(replace(track, mirrored=Mirrored(sample, track.points[sample], track.world[sample])))
    numbers = np.append(sample[:-1].astype(float), number)
    odd = replace(body, track=replace(track, mirrored=replace(body.track.mirrored, sample=numbers)))
    options = {"camera": "auto", "calibration": None}
    save_performance(tmp_path / "m.parquet", build.performance(body=odd, options=options), {})
    with pytest.raises(LiyiError, match="damaged"):
        load_performance(tmp_path / "m.parquet")


def test_a_given_camera_and_calibration_are_used_again(build, tmp_path):
    from liyi.core.trace import Interval
    from posture.reading import read_body

    body = read_body(build.body().track, camera="side", calibration=Interval(3.0, 9.0))
    performance = build.performance(body=body, options={"camera": "side", "calibration": [3.0, 9.0]})
    save_performance(tmp_path / "m.parquet", performance, {})
    assert same(load_performance(tmp_path / "m.parquet"), performance)


@pytest.mark.parametrize("pack", ["counter", "presentation"])
def test_judged_again_alike(kept, pack):
    from liyi.etiquette.norms import load_pack

    performance, path = kept
    rules = load_pack(pack)
    fresh, again = (assess(p, rules, **RUN).model_dump_json() for p in (performance, load_performance(path)))
    assert fresh == again


def test_two_writings_are_equal(kept, build, counter, tmp_path):
    _, path = kept
    performance = build.performance()
    save_performance(tmp_path / "again.parquet", performance, signals_of(performance, counter))
    assert path.read_bytes() == (tmp_path / "again.parquet").read_bytes()


def test_an_evaluator_reads_the_signals(kept, counter):
    performance, path = kept
    rows = {row["id"]: row for row in pq.read_table(path).to_pylist() if row["kind"] != "ingredient"}
    signals = signals_of(performance, counter)
    assert set(rows) == set(signals)
    tilt = rows["shoulder_tilt"]
    assert (tilt["kind"], tilt["unit"], tilt["error"]) == ("trace", "deg", signals["shoulder_tilt"].error)
    np.testing.assert_array_equal(tilt["value"], signals["shoulder_tilt"].value)
    np.testing.assert_array_equal(tilt["t_s"], signals["shoulder_tilt"].t)
    assert rows["trunk_forward_lean"]["reason"] == "camera_front"
    filled = rows["filled_pauses"]
    assert filled["kind"] == "events"
    assert [json.loads(text)["label"] for text in filled["text"]] == [e.label for e in signals["filled_pauses"].items]
    assert rows["pace"]["value"] == [signals["pace"].value]
    assert rows["pace"]["watched_s"] == signals["pace"].watched_s


def test_signals_are_read_back_undecided_events_apart(kept, counter, tmp_path):
    performance, _ = kept
    happened, perhaps = Event(1.0, 2.5, {"reach": 0.3}), Event(4.0, 6.0, {"reach": 0.6}, "arms")
    signals = signals_of(performance, counter)
    signals["crossed_arms"] = Events("crossed_arms", "s", (happened,), 9.0, 0.2, undecided=(perhaps,))
    asked = Scalar("courtesy_coverage", "%", 50.0, 9.0, evidence=(happened,), between=(50.0, 75.0))
    signals["courtesy_coverage"] = asked
    save_performance(tmp_path / "m.parquet", performance, signals)
    again = load_signals(tmp_path / "m.parquet")
    assert same(again["crossed_arms"], signals["crossed_arms"])
    assert again["courtesy_coverage"] == asked
    assert (again["crossed_arms"].undecided[0].attributes, again["crossed_arms"].undecided[0].label) == (
        {"reach": 0.6},
        "arms",
    )
    assert [id for id, signal in signals.items() if not same(again[id], replace(signal, id=id))] == []
    with pytest.raises(LiyiError, match="not there"):
        load_signals(tmp_path / "none.parquet")


def test_an_hour_is_small(build, tmp_path):
    performance = build.performance(body=build.body(seconds=600), voice=build.voice(seconds=600), duration_s=600.0)
    save_performance(tmp_path / "m.parquet", performance, {})
    size = (tmp_path / "m.parquet").stat().st_size
    floats = 6000 * 33 * 7 + 2 * 60_000
    assert size < 1.1 * 4 * floats  # no more than the single-precision numbers themselves: here they are noise
    groups = pq.ParquetFile(tmp_path / "m.parquet").num_row_groups
    assert 2 <= groups <= 10


def rewrite(path, **header) -> None:
    table = pq.read_table(path)
    told = json.loads(table.schema.metadata[b"liyi"])
    pq.write_table(table.replace_schema_metadata({"liyi": json.dumps({**told, **header})}), path)


def test_another_schema_is_refused(kept):
    _, path = kept
    rewrite(path, schema=99)
    with pytest.raises(LiyiError, match=r"measures\.parquet was written by another version of Liyi \(schema 99"):
        load_performance(path)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-2000])


def scramble(path):
    data = bytearray(path.read_bytes())
    data[5000:6000] = bytes(1000)
    path.write_bytes(data)


def text(path):
    path.write_text("id,kind\n")


def empty(path):
    path.write_bytes(b"")


def foreign(path):
    pq.write_table(pa.table({"a": [1]}), path)


def fewer(path):
    table = pq.read_table(path)
    pq.write_table(table.filter(pa.compute.not_equal(table["id"], "voice.words")), path)


def shorter(path):
    rewrite(path, pose={"size": [1000], "people": 1})


def change_header(path, **values):
    table = pq.read_table(path)
    about = {**json.loads(table.schema.metadata[b"liyi"]), **values}
    with pq.ParquetWriter(path, table.schema.with_metadata({"liyi": json.dumps(about)}), use_dictionary=False) as file:
        for row in range(table.num_rows):
            file.write_table(table.slice(row, 1).replace_schema_metadata({"liyi": json.dumps(about)}))


@pytest.mark.parametrize("length", [float("nan"), float("inf"), -1.0, 1e9, 10**400, True, "9", None])
def test_a_length_that_no_recording_has_is_damage(kept, length):
    _, path = kept
    change_header(path, duration_s=9.0)
    assert load_performance(path).duration_s == 9.0
    change_header(path, duration_s=length)
    with pytest.raises(LiyiError, match=r"measures\.parquet is damaged"):
        load_performance(path)


def add_values(path, values, **options):
    """One more series to a file, of ``values``, in a row group of its own."""
    table = pq.read_table(path)
    more = {field.name: pa.array([[]] if pa.types.is_list(field.type) else [None], field.type)
            for field in table.schema}  # fmt: skip
    more |= {"id": pa.array(["more"]), "kind": pa.array(["ingredient"])}
    more["value"] = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    with pq.ParquetWriter(path, table.schema, **{"use_dictionary": False, "compression": "zstd", **options}) as file:
        file.write_table(table)
        file.write_table(pa.table(more, schema=table.schema))


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (lambda count: pa.nulls(count, pa.float64()), {}),
        (lambda count: pa.array(np.zeros(count)), {}),
        (lambda count: pa.array(np.zeros(count)), {"use_dictionary": ["value.list.element"]}),
    ],
    ids=["none", "zeros", "dictionary"],
)
def test_a_small_file_that_unpacks_to_more_than_a_recording_is_not_unpacked(kept, monkeypatch, values, options):
    _, path = kept
    count = 2_000_000
    monkeypatch.setattr(store, "MOST_UNPACKED", 8 * count)
    load_performance(path)
    add_values(path, values(count), **options)
    assert path.stat().st_size < 8 * count / 4
    before = pa.total_allocated_bytes()
    monkeypatch.setattr(store, "_numbers", lambda cell: pytest.fail("unpacked"))
    with pytest.raises(LiyiError, match=r"measures\.parquet is damaged"):
        load_performance(path)
    assert pa.total_allocated_bytes() - before < 1_000_000
    with pytest.raises(ValueError, match=r"dictionary|more than"):
        store.check_unpacked(pq.ParquetFile(path))


def test_a_column_that_contradicts_the_schema_is_one_sentence_and_not_the_end_of_the_process(kept):
    _, path = kept
    content = path.read_bytes()
    optional, required = b"%\x02\x18\x02id", b"%\x00\x18\x02id"  # as the footer describes the column "id"
    assert content.count(optional) == 1
    path.write_bytes(content.replace(optional, required))
    code = f"""
from liyi.core.errors import LiyiError
from liyi.etiquette.store import load_performance
try:
    load_performance({str(path)!r})
except LiyiError as error:
    print(error.sentence)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "is damaged" in done.stdout


@pytest.mark.parametrize("harm", [truncate, scramble, text, empty, foreign, fewer, shorter])
def test_a_damaged_file_is_one_sentence(kept, harm):
    _, path = kept
    harm(path)
    with pytest.raises(LiyiError, match=r"measures\.parquet is damaged"):
        load_performance(path)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(LiyiError, match="assess the recording first"):
        load_performance(tmp_path / "measures.parquet")


def test_neither_writing_nor_reading_loads_pandas(kept, tmp_path):
    code = f"""
import sys
from liyi.etiquette.norms import load_pack
from liyi.etiquette.assess import signals_of
from liyi.etiquette.store import load_performance, load_signals, save_performance
performance = load_performance({str(kept[1])!r})
save_performance({str(tmp_path / "again.parquet")!r}, performance, signals_of(performance, load_pack("counter")))
assert "pandas" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert same(load_performance(tmp_path / "again.parquet"), kept[0])
