"""The queue as a list that the keyboard walks through: J and K go on and back, Enter opens.

What belongs here: the words of a recording that waits, and the component that shows them. Nothing is read here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_, clock, listed, pick, quantity
from liyi.etiquette.norms import load_pack
from liyi.report.findings import whole_points
from liyi.ui.wording import _, lang, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.etiquette.pack import NormPack
    from liyi.records.operations.queue import Cause, Waiting, Why

GROUPS = (N_("Needs you first"), N_("Not reviewed yet"), N_("Reviewed"))
_WHY: dict[Cause, str] = {
    "appeal": N_("An appeal waits for an answer"),
    "line": N_("A red line waits for a decision"),
    "finding": N_("Could not be decided"),
    "unusual": N_("Far from this person's usual total of {usual}"),
    "coverage": N_("Too little was seen or heard for a total"),
    "no_total": N_("No total could be given"),
    "not_assessed": N_("Not assessed yet"),
}
_MOST_NAMED = 3  # criteria of one reason; the rest is counted

_STYLE = """
ol {list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; font-family: var(--font); color: var(--text);
  line-height: 1.6}
h3 {font-size: 20px; font-weight: 600; margin: 16px 0 0; line-height: 1.6}
a {display: grid; grid-template-columns: 1.5rem minmax(0, 1fr) auto; gap: 0 8px; min-height: 44px; padding: 8px 16px;
  border: 1px solid var(--border); border-radius: var(--radius); background: var(--ground); color: inherit;
  text-decoration: none; overflow-wrap: anywhere}
a:hover {border-color: var(--accent)}
a:focus-visible {outline: 3px solid var(--accent); outline-offset: 2px}
.shape {grid-row: 1 / 4; line-height: 1.6}
.good {color: var(--good)} .attention {color: var(--attention)} .open {color: var(--open)}
.head {display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline}
b {font-weight: 600}
.came {text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap}
.soft {grid-column: 2 / 4; display: flex; flex-wrap: wrap; gap: 0 16px; color: var(--soft); font-size: 14px}
ul {grid-column: 2 / 4; margin: 0; padding: 0; list-style: none; font-size: 14px}
p {margin: 8px 0 0; color: var(--soft); font-size: 14px}
kbd {font: inherit; border: 1px solid var(--border); border-radius: 4px; padding: 0 6px}
@media (max-width: 640px) {
  a {padding: 8px; grid-template-columns: 1.25rem minmax(0, 1fr)}
  .came {grid-column: 2; text-align: left} .soft, ul {grid-column: 2} .shape {grid-row: 1 / 5} p {display: none} }
"""
_SCRIPT = """
const element = (name, text, kind) => {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (kind) made.className = kind;
  return made;
};
export default function ({ parentElement, data, setTriggerValue }) {
  const place = parentElement.querySelector("ol");
  const row = (each) => {
    const item = element("li"), link = element("a");
    link.href = each.address;
    link.dataset.id = each.id;
    const shape = element("span", each.shape, "shape " + each.style);
    shape.setAttribute("aria-hidden", "true");
    const head = element("span", "", "head");
    head.append(element("b", each.person), element("span", each.name));
    const about = element("span", "", "soft");
    about.append(...each.about.map((told) => element("span", told)));
    link.append(shape, head, element("span", each.came, "came"), about);
    if (each.why.length) {
      const reasons = element("ul");
      reasons.append(...each.why.map((told) => element("li", told)));
      link.append(reasons);
    }
    item.append(link);
    return item;
  };
  const said = JSON.stringify(data);
  if (place.dataset.said !== said) {
    place.dataset.said = said;
    place.replaceChildren(...data.groups.flatMap(({ title, rows }) => {
      const above = element("li");
      above.append(element("h3", title));
      return [above, ...rows.map(row)];
    }));
    const hint = parentElement.querySelector("p");
    hint.replaceChildren(...data.keys.flatMap(([key, what]) => [element("kbd", key), ` ${what}   `]));
  }
  const links = [...place.querySelectorAll("a")];
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // a tab of its own
    event.preventDefault();
    setTriggerValue("opened", event.currentTarget.dataset.id);
  };
  for (const link of links) link.onclick = open;
  const walk = (event) => {
    const by = { j: 1, k: -1 }[event.key.toLowerCase()];
    const at = event.composedPath()[0];
    const writes = at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName);
    if (!by || writes || event.ctrlKey || event.metaKey || event.altKey || !links.length) return;
    const here = links.indexOf(links[0].getRootNode().activeElement);
    const next = links[Math.min(links.length - 1, Math.max(0, here + by))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", walk);
  return () => document.removeEventListener("keydown", walk);
}
"""
_component = st.components.v2.component("liyi_queue", html="<ol></ol><p></p>", css=_STYLE, js=_SCRIPT)


def draw(found: Sequence[Waiting]) -> str | None:
    """Show the list; returns the id of the recording that was just chosen."""
    groups = [
        {"title": _(title), "rows": [_row(each) for each in found if each.place[0] == place]}
        for place, title in enumerate(GROUPS)
    ]
    keys = [("J", _("next")), ("K", _("back")), ("↵", _("open"))]
    shown = [group for group in groups if group["rows"]]
    answer: Any = _component(key="queue", data={"groups": shown, "keys": keys}, on_opened_change=lambda: None)
    opened = getattr(answer, "opened", None)
    return opened if isinstance(opened, str) else None


def scene(each: Waiting) -> str:
    """Norm pack and profile in words; their ids where the pack is not here any more."""
    pack = pack_of(each)
    if pack is None:
        return " · ".join(filter(None, (each.pack_id, each.profile)))
    return f"{pick(pack.name, lang())} · {pack.profile_name(each.profile, lang())}"


def criterion_name(each: Waiting, criterion: str) -> str:
    """Name of a criterion in the norm pack that judged."""
    return name_in(each.pack_id, each.pack_sha256, criterion)


def name_in(pack_id: str, pack_sha256: str, criterion: str) -> str:
    """Name of a criterion in a norm pack; its id where the pack is not here any more."""
    pack = _pack(pack_id, pack_sha256) if pack_id else None
    known = pack.criteria.get(criterion) if pack else None
    return (pick(known.name, lang()) if known else "") or criterion


def pack_of(each: Waiting) -> NormPack | None:
    """The norm pack that judged, as it is now."""
    return _pack(each.pack_id, each.pack_sha256) if each.pack_id else None


@lru_cache(maxsize=16)
def _pack(id: str, sha256: str) -> NormPack | None:
    """A norm pack, read once for each version that judged."""
    try:
        return load_pack(id)
    except LiyiError:
        return None


def _row(each: Waiting) -> dict[str, Any]:
    shape, style = (("▲", "attention"), ("○", "open"), ("●", "good"))[each.place[0]]
    came_at = when(each.submitted_at.timestamp()) if each.submitted_at else ""
    about = [scene(each), came_at, clock(each.duration_s) if each.duration_s else "", progress(each)]
    return {
        "id": each.recording_id.hex,
        "address": f"/review?recording={each.recording_id.hex}&lang={lang()}",
        "shape": shape,
        "style": style,
        "person": each.person or _("Blind rating"),
        "name": "" if each.blind else _("Rehearsal") if each.kind == "rehearsal" else each.name,
        "came": came(each),
        "about": [*filter(None, about)],
        "why": [reason(each, why) for why in each.why],
    }


def came(each: Waiting) -> str:
    """The total with its error, or why there is none to show."""
    if each.blind:
        return _("Rate first, then see the result")
    if each.total is None:
        return ""
    error = f" ±{each.total_error:.0f}" if each.total_error is not None else ""
    return _("{total} points", total=f"{whole_points(each.total)}{error}")


def progress(each: Waiting) -> str:
    """How far the review is, and by whom."""
    names = listed(each.by, lang())
    if each.progress == "reviewed":
        return _("Reviewed by {names}", names=names)
    return _("Being reviewed by {names}", names=names) if each.progress == "in_review" else ""


def reason(each: Waiting, why: Why) -> str:
    """Why it needs a person, with the criteria that it is about."""
    usual = "" if why.usual is None else whole_points(why.usual)
    told = _(_WHY[why.cause], usual=usual)
    if why.cause == "coverage" and each.coverage is not None:
        share = quantity(round(100 * each.coverage), "%", lang())
        return _("{what}: {which}", what=told, which=_("coverage {share}", share=share))
    if not why.criteria:
        return told
    names = [criterion_name(each, id) for id in why.criteria]
    more = [_("{count} more", count=len(names) - _MOST_NAMED)] if len(names) > _MOST_NAMED else []
    return _("{what}: {which}", what=told, which=listed([*names[:_MOST_NAMED], *more], lang()))
