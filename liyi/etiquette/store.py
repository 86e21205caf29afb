"""``measures.parquet``: everything that was seen and heard of a recording, kept so that it can be judged again.

What belongs here: one file with one row per series. Rows of kind ``trace``, ``events`` and ``scalar`` are the signals
that were judged, for whoever reads the file with pandas; rows of kind ``ingredient`` are what they were made from
(joints, 10 ms frames of the voice, syllables, words), from which the performance is built again to the last bit, so
that a pack with other parameters needs no video; before the ids of those from a second camera stands ``side.``. The
file's metadata holds the rest as JSON under the key ``liyi``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from liyi.core.errors import LiyiError, Notice
from liyi.core.reasons import Reason
from liyi.core.series import UNDECIDED, Series, moments
from liyi.core.trace import Event, Events, FloatArray, Interval, Scalar, Signal, Trace
from liyi.core.typed_json import LONGEST_S
from liyi.etiquette.assessment import ModelRef
from liyi.etiquette.performance import Performance
from liyi.etiquette.views import SideView, read_side
from liyi.media.aligning import Alignment
from liyi.media.kinds import Kind
from posture.track import PoseTrack
from speech.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from posture.body import Body

SCHEMA = 1
_KEY = b"liyi"
_SIDE = "side."  # before the id of a series from the second camera
_VALUES_AT_ONCE = 500_000  # 4 MB of doubles are gathered before they are written
_NUMBERS = ("t_s", "end_s", "value")
MOST_SERIES, MOST_UNPACKED = 10_000, 4 << 30  # rows and bytes of a file's series
_VALUE_BYTES = 8
# What a damaged file makes the readers raise: pyarrow's errors are among these, but for the last.
_DAMAGE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError,
           NotImplementedError)  # fmt: skip
_Read = TypeVar("_Read")


def save_performance(path: str | Path, performance: Performance, signals: Mapping[str, Signal]) -> None:
    """Write a performance and its signals to a Parquet file, series by series.

    Parameters
    ----------
    path : path
        Written at once; to replace a file safely, write beside it and rename.
    performance : Performance
    signals : mapping
        As `liyi.etiquette.assess.signals_of` returns them; each becomes a row with its key as ``id``.
    """
    rows = _every_series(performance, signals)
    _write(Path(path), _header(performance), rows)


def load_performance(path: str | Path) -> Performance:
    """Build the performance again that `save_performance` wrote, to the last bit.

    Raises
    ------
    LiyiError
        When the file is missing, damaged, or was written by another version of Liyi.
    """
    path = Path(path)
    return _checked(path, lambda: _performance(*_read(path)))


def _checked(path: Path, read: Callable[[], _Read]) -> _Read:
    if not path.is_file():
        raise LiyiError("{file} is not there: assess the recording first.", file=path.name)
    try:
        return read()
    except _DAMAGE as error:
        raise LiyiError(
            "{file} is damaged or holds no measures of Liyi: assess the recording again.", file=path.name
        ) from error


@dataclass(frozen=True)
class Outline:
    """A recording without what was seen and heard in it; ``size`` is the picture's (width, height), None without one.

    ``clock`` is as in `Performance`.
    """

    duration_s: float
    clock: tuple[tuple[float, float], ...]
    size: tuple[int, int] | None
    sound: bool


def load_outline(path: str | Path) -> Outline:
    """Read the outline of a performance, which is there at once however long the recording is.

    Raises
    ------
    LiyiError
        As `load_performance`.
    """
    path = Path(path)

    def read() -> Outline:
        import pyarrow.parquet as pq

        header = json.loads((pq.read_schema(path).metadata or {})[_KEY])
        _check_schema(header["schema"], path)
        pose = header["pose"]
        width, height = pose["size"] if pose else (0, 0)
        size = (int(width), int(height)) if pose else None
        return Outline(_duration_s(header["duration_s"]), _clock(header), size, sound=bool(header["voice"]))

    return _checked(path, read)


def load_signals(path: str | Path) -> dict[str, Signal]:
    """Read the signals that `save_performance` wrote, as they were when the recording was assessed.

    Raises
    ------
    LiyiError
        As `load_performance`.
    """
    path = Path(path)
    _, series = _checked(path, lambda: _read(path, ingredients=False))
    return {id: _signal(row) for id, row in series.items()}


def load_heading(path: str | Path) -> Performance:
    """The performance without what was seen and heard in it: its length, its kind, its clock.

    Raises
    ------
    LiyiError
        As `load_performance`.
    """

    def read() -> Performance:
        import pyarrow.parquet as pq

        header = json.loads((pq.read_schema(path).metadata or {})[_KEY])
        _check_schema(header.get("schema"), Path(path))
        return _performance({**header, "pose": None, "voice": None, "kind": _kind(header)}, {})

    return _checked(Path(path), read)


def recording_of(path: str | Path) -> str | None:
    """SHA-256 of the recording whose measures a file holds; None for a Parquet file that is none of Liyi's.

    Raises
    ------
    LiyiError
        When the file is missing, or is no Parquet file that can be read.
    """

    def read() -> str | None:
        import pyarrow.parquet as pq

        about = (pq.read_schema(path).metadata or {}).get(_KEY)
        return None if about is None else str(json.loads(about)["sha256"])

    return _checked(Path(path), read)


def _check_schema(found: object, path: Path) -> None:
    if found != SCHEMA:
        raise LiyiError(
            "{file} was written by another version of Liyi (schema {found}; this one reads {wanted}): "
            "assess the recording again.",
            file=path.name,
            found=found,
            wanted=SCHEMA,
        )


# ------------------------------------------------------------------ a performance as header and series


def _header(performance: Performance) -> dict[str, Any]:
    body, voice = performance.body, performance.voice
    return {
        "schema": SCHEMA,
        "name": performance.name,
        "sha256": performance.sha256,
        "duration_s": performance.duration_s,
        "kind": performance.kind,
        "notices": [{"sentence": n.sentence, "fields": dict(n.fields)} for n in performance.notices],
        "options": dict(performance.options),
        "models": [model.model_dump() for model in performance.models],
        "clock": [list(each) for each in performance.clock],
        "pose": body and body.track.about(),
        "side": performance.side and _side_header(performance.side),
        "voice": voice and voice.about(),
    }


def _side_header(side: SideView) -> dict[str, Any]:
    return {
        "name": side.name,
        "sha256": side.sha256,
        "duration_s": side.duration_s,
        "alignment": side.alignment and asdict(side.alignment),
        "pose": side.body and side.body.track.about(),
    }


def _every_series(performance: Performance, signals: Mapping[str, Signal]) -> Iterator[Series]:
    for id, signal in signals.items():
        yield _signal_series(id, signal)
    if performance.body is not None:
        yield from performance.body.track.to_series()
    if performance.side is not None and performance.side.body is not None:
        for series in performance.side.body.track.to_series():
            yield replace(series, id=f"{_SIDE}{series.id}")
    if performance.voice is not None:
        yield from performance.voice.to_series()


def _signal_series(id: str, signal: Signal) -> Series:
    about: dict[str, Any] = {"id": id, "unit": signal.unit, "error": signal.error, "reason": signal.reason}
    if isinstance(signal, Trace):
        return Series(kind="trace", t_s=signal.t, value=signal.value, **about)
    if isinstance(signal, Events):
        happened = moments(signal.items, signal.undecided)
        return Series(kind="events", watched_s=signal.watched_s, **happened, **about)
    value = np.array([signal.value, *(signal.between or ())])
    return Series(
        kind="scalar", watched_s=signal.watched_s, value=value, **moments(signal.evidence, signal.undecided), **about
    )


def _signal(row: Series) -> Signal:
    about: dict[str, Any] = {"id": row.id, "unit": row.unit, "error": row.error or 0.0}
    about["reason"] = Reason(row.reason) if row.reason else None
    if row.kind == "trace":
        return Trace(t=row.t_s, value=row.value, **about)
    happened = tuple(event for event in row.events() if UNDECIDED not in event.attributes)
    about["undecided"] = tuple(_without_flag(event) for event in row.events() if UNDECIDED in event.attributes)
    about["watched_s"] = row.watched_s or 0.0
    if row.kind == "events":
        return Events(items=happened, **about)
    value, *ends = row.value.tolist()
    return Scalar(value=value, evidence=happened, between=(ends[0], ends[1]) if ends else None, **about)


def _without_flag(event: Event) -> Event:
    return replace(event, attributes={name: value for name, value in event.attributes.items() if name != UNDECIDED})


# ------------------------------------------------------------------ and back


def _performance(header: Mapping[str, Any], series: Mapping[str, Series]) -> Performance:
    return Performance(
        name=header["name"],
        sha256=header["sha256"],
        duration_s=_duration_s(header["duration_s"]),
        kind=_kind(header),
        body=_body(header, series) if header["pose"] else None,
        voice=Voice.from_series(series, header["voice"]) if header["voice"] else None,
        notices=tuple(Notice(notice["sentence"], notice["fields"]) for notice in header["notices"]),
        options=header["options"],
        models=tuple(ModelRef(**model) for model in header["models"]),
        clock=_clock(header),
        side=_side(header, series) if header.get("side") else None,
    )


def _clock(header: Mapping[str, Any]) -> tuple[tuple[float, float], ...]:
    return tuple((float(at_s), float(shift_s)) for at_s, shift_s in header.get("clock", ()))


def _kind(header: Mapping[str, Any]) -> Kind:
    """What kind of recording it was; before it was written down there were no photos."""
    known: tuple[Kind, ...] = get_args(Kind)
    kind = header.get("kind") or ("video" if header["pose"] else "sound")
    return known[known.index(kind)]


def _duration_s(value: object) -> float:
    """A recording's length as it was stored; raises ``ValueError`` for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_S:
        raise ValueError("no length of a recording")
    return value


def _body(header: Mapping[str, Any], series: Mapping[str, Series]) -> Body:
    from posture.reading import read_body

    track = PoseTrack.from_series(series, header["pose"])
    return read_body(track, camera=header["options"].get("camera", "auto"), calibration=_stretch(header))


def _stretch(header: Mapping[str, Any]) -> Interval | None:
    stretch = header["options"].get("calibration")
    return Interval(*stretch) if stretch else None


def _side(header: Mapping[str, Any], series: Mapping[str, Series]) -> SideView:
    about = header["side"]
    body = None
    if about["pose"]:
        own = {id.removeprefix(_SIDE): row for id, row in series.items() if id.startswith(_SIDE)}
        body = read_side(PoseTrack.from_series(own, about["pose"]), _stretch(header))
    return SideView(
        name=about["name"],
        sha256=about["sha256"],
        duration_s=_duration_s(about["duration_s"]),
        alignment=Alignment(**about["alignment"]) if about["alignment"] else None,
        body=body,
    )


# ------------------------------------------------------------------ Parquet


def _write(path: Path, header: Mapping[str, Any], rows: Iterable[Series]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    scalars = [("id", pa.string()), ("kind", pa.string()), ("unit", pa.string()), ("error", pa.float64()),
               ("reason", pa.string()), ("watched_s", pa.float64())]  # fmt: skip
    lists = [(name, pa.list_(pa.float64())) for name in _NUMBERS] + [("text", pa.list_(pa.string()))]
    schema = pa.schema(scalars + lists, metadata={_KEY: json.dumps(header, ensure_ascii=False, default=str)})
    # Split into bytes, the zeros that pad a float32 to a double pack away to nothing.
    options = {
        "compression": "zstd",
        "use_dictionary": False,
        "write_page_checksum": True,
        "use_byte_stream_split": [f"{name}.list.element" for name in _NUMBERS],
    }
    with pq.ParquetWriter(path, schema, **options) as file:
        for group in _groups(rows):
            columns = {name: _column([getattr(row, name) for row in group], type) for name, type in scalars}
            for name, type in lists:
                columns[name] = _list_column([getattr(row, name) for row in group], type)
            file.write_table(pa.table(columns, schema=schema))


def _groups(rows: Iterable[Series]) -> Iterator[list[Series]]:
    group: list[Series] = []
    size = 0
    for row in rows:
        group.append(row)
        size += row.t_s.size + row.value.size
        if size >= _VALUES_AT_ONCE:
            yield group
            group, size = [], 0
    if group:
        yield group


def _list_column(items: Sequence[Any], type: Any) -> Any:
    import pyarrow as pa

    offsets = _column(np.cumsum([0, *(len(item) for item in items)]), pa.int32())
    values = [text for item in items for text in item] if type.value_type == pa.string() else np.concatenate(items)
    return pa.ListArray.from_arrays(offsets, _column(values, type.value_type))


def _column(values: Sequence[Any] | npt.NDArray[Any], type: Any) -> Any:
    """What ``pyarrow.array`` makes of them, which loads pandas (50 MB, 0.2 s) to ask whether it was given a Series."""
    import pyarrow as pa

    known = None
    if not isinstance(values, np.ndarray):
        there = np.array([value is not None for value in values], dtype=np.bool_)
        known = pa.py_buffer(np.packbits(there, bitorder="little"))
    if type == pa.string():
        texts = [(value or "").encode() for value in values]
        ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
        return pa.Array.from_buffers(type, len(texts), [known, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))])
    numbers = values if known is None else np.array([0 if value is None else value for value in values])
    content = np.ascontiguousarray(numbers, dtype=type.to_pandas_dtype())
    return pa.Array.from_buffers(type, len(content), [known, pa.py_buffer(content)])


def check_unpacked(file: Any) -> None:
    """Raise ``ValueError`` when the series take more room in memory than a recording can need.

    A packed file says little about that: values by dictionary, or none at all, take a few bytes however many they are.
    Liyi writes no dictionaries, so each value is counted at its own width.

    Parameters
    ----------
    file : pyarrow.parquet.ParquetFile
    """
    about = file.metadata
    groups = [about.row_group(at) for at in range(about.num_row_groups)]
    told = sum(group.total_byte_size for group in groups)
    if about.num_rows > MOST_SERIES or told > MOST_UNPACKED:
        raise ValueError("more than a recording can hold")
    # pyarrow would end the process at a damaged column below: this raises there, and holds a block at a time.
    file.scan_contents()
    columns = [group.column(at) for group in groups for at in range(group.num_columns)]
    if any(column.has_dictionary_page or any("DICTIONARY" in each for each in column.encodings) for column in columns):
        raise ValueError("values by dictionary")
    if max(told, _VALUE_BYTES * sum(c.num_values for c in columns)) > MOST_UNPACKED:
        raise ValueError("more than a recording can hold")


def _read(path: Path, *, ingredients: bool = True) -> tuple[dict[str, Any], dict[str, Series]]:
    """The header, and the rows of the ingredients or those of the signals."""
    import pyarrow.parquet as pq

    names = [each.name for each in fields(Series)]
    # On one thread: a command that refuses what it read may end before others do, which the system calls an abort.
    with pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False) as file:
        header = json.loads((file.schema_arrow.metadata or {})[_KEY])
        _check_schema(header["schema"], path)
        check_unpacked(file)
        series, unpacked = {}, 0
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=names, use_threads=False)
            unpacked += table.nbytes
            if unpacked > MOST_UNPACKED:  # whatever the file says of itself
                raise ValueError("more than a recording can hold")
            for cells in zip(*(table.column(name) for name in names), strict=True):
                row = dict(zip(names, cells, strict=True))
                if (row["kind"].as_py() == "ingredient") == ingredients:
                    of: dict[str, Any] = {n: _numbers(c) if n in _NUMBERS else c.as_py() for n, c in row.items()}
                    series[of["id"]] = Series(**of)
    return header, series


def _numbers(cell: Any) -> FloatArray:
    return np.array(np.from_dlpack(cell.values), dtype=np.float64)  # to_numpy would load pandas
