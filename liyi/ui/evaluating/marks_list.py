"""The table of a batch: a line for each recording, those that need a person first; on a telephone a card for each.

What belongs here: the words of a line, and the component that shows them. Nothing is read here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.moments import day
from liyi.core.words import N_, listed, number, quantity, translate
from liyi.report import findings, totals
from liyi.report.findings import whole_points
from liyi.ui.review.waiting_list import name_in
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment
    from liyi.records.operations.batch_marks import BatchRow, Need

_NEEDS: Mapping[Need, str] = {
    "failed": N_("Could not be assessed"),
    "gone": N_("This recording was deleted since."),
    "rate": N_("Rate first, then see the result"),
    "appeal": N_("An appeal waits for an answer"),
    "line": N_("A red line waits for a decision"),
    "finding": N_("Not decided, not counted"),
    "no_total": N_("No total could be given"),
    "changed": N_("Decided otherwise since it was confirmed"),
}
_HEADS = (
    N_("Person"), N_("Recording"), N_("Total"), N_("Coverage"), N_("Red lines"), N_("Waits for a person"),
    N_("Confirmed mark"),
)  # fmt: skip

_STYLE = """
.wide {overflow-x: auto; font-family: var(--font); color: var(--text); line-height: 1.6}
table {border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums}
th, td {text-align: left; vertical-align: middle; padding: 8px 16px 8px 0; border-bottom: 1px solid var(--border);
  overflow-wrap: anywhere}
th {font-weight: 600; white-space: nowrap}
td.number {white-space: nowrap}
tr.chosen td {background: var(--second, transparent)}
button {font: inherit; color: var(--accent); background: none; border: 0; padding: 0 4px 0 0; min-height: 44px;
  text-align: left; cursor: pointer; text-decoration: underline; text-underline-offset: 3px; overflow-wrap: anywhere}
button:focus-visible, .wide:focus-visible {outline: 3px solid var(--accent); outline-offset: 2px}
.soft {color: var(--soft); font-size: 14px}
.good {color: var(--good)} .attention {color: var(--attention)} .fault {color: var(--fault)} .open {color: var(--open)}
span.part {display: block}
@media (max-width: 640px) {
  thead {position: absolute; clip-path: inset(50%); height: 1px; width: 1px; overflow: hidden}
  tr, td {display: block} tr {border-bottom: 1px solid var(--border); padding: 8px 0}
  td {border: 0; padding: 0} td:empty {display: none}
  td[data-label]:not(:empty)::before {content: attr(data-label) " "; color: var(--soft); font-size: 14px}
  span.part {display: inline; margin-right: 8px}
}
"""
_SCRIPT = """
const element = (name, text, kind) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};
const cell = (label, ...parts) => {
  const made = element("td");
  if (label) made.dataset.label = label;
  for (const [text, kind] of parts) if (text) made.append(element("span", text, "part " + (kind || "")));
  return made;
};
export default function ({ parentElement, data, setTriggerValue }) {
  const place = parentElement.querySelector(".wide");
  const said = JSON.stringify(data);
  if (place.dataset.said === said) return;
  place.dataset.said = said;
  const chosen = data.rows.find((row) => row.chosen)?.id ?? data.opened;
  if (chosen && chosen !== place.dataset.chosen)  // the line that was opened is drawn above the table
    document.querySelector(".st-key-one-line")?.scrollIntoView({ block: "nearest" });
  place.dataset.chosen = chosen;
  place.setAttribute("aria-label", data.title);
  const table = element("table"), head = element("tr"), above = element("thead"), body = element("tbody");
  head.append(...data.heads.map((text) => { const made = element("th", text); made.scope = "col"; return made; }));
  above.append(head);
  for (const row of data.rows) {
    const line = element("tr", "", row.chosen ? "chosen" : ""), who = element("td");
    const opens = element("button", row.person);
    opens.type = "button";
    opens.title = data.opens;
    opens.setAttribute("aria-pressed", row.chosen);
    opens.onclick = () => setTriggerValue("chosen", row.id);
    who.append(opens);
    const total = cell(data.heads[2], [row.total, ""], [row.state, "soft"]);
    total.className = "number";
    if (row.shape) total.firstChild?.prepend(element("span", row.shape + " ", row.style));
    line.append(who, cell(data.heads[1], [row.file]), total, cell(data.heads[3], [row.coverage]),
      cell(data.heads[4], ...row.lines.map((text) => [text])), cell(data.heads[5], ...row.waits.map((text) => [text])),
      cell(data.heads[6], [row.mark], [row.by, "soft"]));
    body.append(line);
  }
  table.append(above, body);
  place.replaceChildren(table);
}
"""
_component = st.components.v2.component(
    "liyi_marks", html='<div class="wide" tabindex="0" role="region"></div>', css=_STYLE, js=_SCRIPT
)


def draw(
    rows: Sequence[BatchRow], judged: Mapping[UUID, Assessment], *, title: str, chosen: str
) -> str | None:  # fmt: skip
    """Show the lines, with what is told of ``judged``; returns the id of the line that was just chosen.

    ``chosen`` is the one that is open.
    """
    data = {
        "title": title,
        "opens": _("Open this line: its total, what waits, and the mark"),
        "opened": chosen,
        "heads": [_(head) for head in _HEADS],
        "rows": [
            _row(row, judged.get(row.assessment_id or row.line_id)) | {"chosen": row.line_id.hex == chosen}
            for row in rows
        ],
    }
    answer: Any = _component(key="marks", data=data, on_chosen_change=lambda: None)
    found = getattr(answer, "chosen", None)
    return found if isinstance(found, str) else None


def points(total: float | None, error: float | None) -> str:
    """A total with its error; a dash where there is none."""
    if total is None:
        return "–"
    return whole_points(total) + (f" ±{error:.0f}" if error else "")


def red_lines(judged: Assessment | None) -> list[str]:
    """The red lines that were crossed, each with the most that is then left; those that wait are told elsewhere."""
    if judged is None:
        return []
    names = {v.criterion: findings.name_of(v, lang()) for v in judged.verdicts}
    return [
        _("{names}: at most {most}", names=listed((names.get(id, id) for id in cap.criteria), lang()),
          most=number(cap.total, 0))
        for cap in totals.caps_told(judged) if cap.status == "applied"
    ]  # fmt: skip


def waits(row: BatchRow, judged: Assessment | None = None) -> list[str]:
    """Why a line needs a person, a sentence for each reason; ``judged`` knows why there is no total."""
    return [_reason(row, need, judged) for need in row.needs]


def _reason(row: BatchRow, need: Need, judged: Assessment | None) -> str:
    told = _(_NEEDS[need])
    if need == "failed" and row.error:
        return translate(row.error["sentence"], lang(), **row.error.get("fields", {}))
    if need == "no_total" and judged is not None and judged.total is None:
        return totals.total_text(judged, lang())
    named = {"line": row.lines, "finding": row.findings}.get(need, ())
    if not named:
        return told
    names = [name_in(row.pack_id, row.pack_sha256, id) for id in named]
    return _("{what}: {which}", what=told, which=listed(names, lang()))


def _row(row: BatchRow, judged: Assessment | None) -> dict[str, Any]:
    shape, style = (("▲", "attention"), ("○", "open"), ("○", "open"), ("●", "good"), ("", ""))[row.place[0]]
    if row.needs and row.needs[0] in ("failed", "gone"):
        shape, style = "■", "fault"
    coverage = "" if row.coverage is None else quantity(round(100 * row.coverage), "%", lang())
    return {
        "id": row.line_id.hex,
        "person": row.person or row.file,
        "file": row.file,
        "shape": shape,
        "style": style,
        "total": points(row.total, row.total_error) if row.assessment_id and not row.blind else "–",
        "state": state(row),
        "coverage": coverage,
        "lines": red_lines(judged),
        "waits": waits(row, judged),
        "mark": points(row.mark.total, row.mark.total_error) if row.mark else "",
        "by": f"{row.mark.by} · {day(row.mark.at, zone())}" if row.mark else "",
    }


def state(row: BatchRow) -> str:
    """What a total is: confirmed, decided on by people, or by the tool alone."""
    if row.assessment_id is None or row.blind:
        return ""
    if row.mark is not None:
        return _("confirmed as a mark")
    return _("provisional, findings were decided on") if row.decisions else _("provisional, by the tool")
