"""The list of a batch as a grid: what is typed is kept at once as a draft, and each fault is told by its cell."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from liyi.batch.list_book import choices, columns_of, heading
from liyi.batch.record_lines import FILES, settled
from liyi.core.errors import LiyiError
from liyi.core.list_file import MOST_FAULTS
from liyi.core.words import labelled, translate
from liyi.records.batch_tables import LineState
from liyi.records.operations import batch_bringing
from liyi.ui import people
from liyi.ui.plain import explain
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from liyi.core.errors import Fault
    from liyi.records.batch_tables import Batch, BatchLine

    Cells = dict[str, str]

_LINE, _CHOSEN, _WRONG = "line", "chosen", "wrong"  # columns beside those of the list
_EDITION, _REFUSED = "list-edition", "list-refused"
_DONE = "list-done"  # what a button did last, with the way back
_ROW_PX, _MOST_PX = 35, 560


def draw(batch: Batch, lines: Sequence[BatchLine], names: Sequence[str], faults: Sequence[Fault]) -> list[int]:
    """The lines that are not assessed yet.

    Parameters
    ----------
    batch, lines
        The batch, and all lines of its list.
    names
        Of the files that a cell may name.
    faults
        By cell, as `liyi.batch.record_lines.read_record_lines` tells them.

    Returns
    -------
    The places in the list of those that were chosen, of the lines that are not assessed.
    """
    numbered = [(at, line) for at, line in enumerate(lines, start=1) if line.state is not LineState.done]
    cells = [dict(line.cells) for _, line in numbered]
    columns = columns_of(cells)
    wrong: dict[int, list[str]] = {}
    for fault in faults:
        wrong.setdefault(fault.line, []).append(in_words(fault, lang()))
    shown = pd.DataFrame(
        {
            _LINE: [at for at, _line in numbered],
            _WRONG: ["■ " + "；".join(wrong[at]) if at in wrong else "" for at, _line in numbered],
            _CHOSEN: [False] * len(cells),
            **{column: _texts(each.get(column) for each in cells) for column in columns},
        }
    )
    key = f"list-{batch.id.hex}-{edition()}"
    edited = st.data_editor(
        shown,
        key=key,
        num_rows="fixed",
        hide_index=True,
        disabled=[_LINE, _WRONG],
        column_config=_columns(columns, cells, names, lang()),
        column_order=[_LINE, _CHOSEN, columns[0], _WRONG, *columns[1:]],
        height=min(_MOST_PX, _ROW_PX * (len(cells) + 1) + 3),
        width="stretch",
        placeholder="",
        on_change=_take,
        args=(batch.id, key),
    )
    refused = st.session_state.pop(_REFUSED, None)
    if refused:
        st.error(refused)
    return [at for at, chosen in enumerate(edited[_CHOSEN]) if chosen]


def tell(faults: Sequence[Fault], said: str, named: Mapping[int, str] = MappingProxyType({})) -> None:
    """Every fault with its line, what the line is about where it is ``named``, and its column; ``said`` is of all."""
    if not faults:
        return
    st.html(f'<p role="status"><span class="mark-fault" aria-hidden="true">■</span> {escape(said)}</p>')
    rows = [
        _("Line {line} · {what}", line=each.line,
          what=" · ".join(filter(None, [named.get(each.line), in_words(each, lang())])))
        for each in faults[:MOST_FAULTS]
    ]  # fmt: skip
    if len(faults) > MOST_FAULTS:
        rows.append(_("And {count} more.", count=len(faults) - MOST_FAULTS))
    items = "".join(f"<li>{escape(row)}</li>" for row in rows)
    st.html(f'<ul class="told" style="margin: 0; padding-left: 1.25rem">{items}</ul>')


def edition() -> int:
    """Counts what has changed the list but the grid; a grid of another one remembers nothing that was typed."""
    return int(st.session_state.setdefault(_EDITION, 0))


def change(batch_id: UUID, work: Callable[[list[Cells]], list[Cells]]) -> list[Cells] | None:
    """Change the lines that are not assessed, from a button; gives those from before, None where it was refused."""
    before = open_cells(batch_id)
    if not keep(batch_id, work([dict(each) for each in before])):
        return None
    st.session_state[_EDITION] = edition() + 1
    return before


def open_cells(batch_id: UUID) -> list[Cells]:
    """The cells of the lines that are not assessed yet, as they are kept."""
    lines = batch_bringing.lines(people.records(), people.viewer(), batch_id)
    return [dict(line.cells) for line in lines if line.state is not LineState.done]


def keep(batch_id: UUID, cells: Sequence[Cells]) -> bool:
    """Keep these lines; what is refused is told where the grid is drawn next."""
    try:
        batch_bringing.set_lines(people.records(), people.viewer(), batch_id, cells)
    except LiyiError as error:
        st.session_state[_REFUSED] = explain(error)
        return False
    return True


@dataclass(frozen=True)
class Done:
    """What a button did to a list, in words, the cells from before, and what of a file could not be read."""

    batch_id: UUID
    said: str
    before: list[Cells]
    faults: tuple[Fault, ...] = ()


def note(done: Done | None) -> None:
    """Have the next drawing tell what was done; what is typed afterwards ends that, as the way back would undo it."""
    st.session_state[_DONE] = done


def noted(batch: Batch) -> Done | None:
    """What was done last to the list of a batch."""
    done: Done | None = st.session_state.get(_DONE)
    return done if done is not None and done.batch_id == batch.id else None


def _take(batch_id: UUID, key: str) -> None:
    """Keep what was typed; all that was typed since the grid was made comes each time, so it is kept again."""
    cells = open_cells(batch_id)
    before = [dict(each) for each in cells]
    for at, changed in st.session_state[key]["edited_rows"].items():
        if int(at) < len(cells):
            cells[int(at)] |= {column: _typed(column, value) for column, value in changed.items()
                               if column not in (_CHOSEN, _WRONG)}  # fmt: skip
    if cells != before:
        keep(batch_id, cells)
        note(None)


def _typed(column: str, value: Any) -> str:
    text = "" if value is None else str(value).strip()
    return settled(column, text)


def _columns(columns: Iterable[str], cells: Sequence[Cells], names: Sequence[str], language: str) -> dict[str, Any]:
    """How each column is shown and edited."""
    made: dict[str, Any] = {
        _LINE: st.column_config.NumberColumn(_("Line"), width=48, pinned=True, format="%d"),
        _CHOSEN: st.column_config.CheckboxColumn(_("Chosen"), width=88, pinned=True),
        _WRONG: st.column_config.TextColumn(_("To mend"), width="medium"),
    }
    for column in columns:
        label = heading(column, language)
        there = dict.fromkeys(text for each in cells if (text := each.get(column)))
        if column in FILES:
            made[column] = st.column_config.SelectboxColumn(
                label, width="medium", options=[*dict.fromkeys([*names, *there])]
            )
        elif known := choices(column, language):
            options = [*dict.fromkeys([*known, *there])]
            made[column] = st.column_config.SelectboxColumn(label, options=options, format_func=_named(known))
        else:
            made[column] = st.column_config.TextColumn(label, max_chars=batch_bringing.MOST_CELL)
    return made


def _texts(cells: Iterable[str | None]) -> pd.Series[str]:
    """Texts as a column of texts, also where all are empty: of another type the grid would forget where one was."""
    return pd.Series([text or None for text in cells], dtype="string")


def _named(known: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: known.get(str(value), str(value))


def in_words(fault: Fault, language: str) -> str:
    """A fault in words: its column, and what is wrong."""
    what = translate(fault.notice.sentence, language, **fault.notice.fields)
    if not fault.key:
        return what
    column, _sep, cell = fault.key.partition(" ")  # of a list that was handed in, with the cell's own place
    return labelled(f"{heading(column, language)} {cell}".strip(), what, language)
