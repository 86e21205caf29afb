"""Scenes as cards to choose from: a drawing, a title and what the citizen says; the chosen one has the accent's frame.

They are radio buttons, so that arrow keys and screen readers know them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.words import pick

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from liyi.etiquette.scene import Figure, Scene

# Drawn on 160 x 96: lines in the text's colour, the person who practises in the accent's.
_DRAWINGS: Mapping[Figure, str] = {
    "window": '<path d="M12 70h136M24 70V16h112v54M12 70v18M148 70v18"/><g class="self">'
    '<circle cx="80" cy="34" r="10"/><path d="M58 70c0-16 9-22 22-22s22 6 22 22"/></g><path d="M40 82h32"/>',
    "guide": '<path d="M8 88h144M116 20h26v18h-26zM129 38v50"/><g class="self"><circle cx="58" cy="22" r="9"/>'
    '<path d="M58 31v30M58 61l-8 27M58 61l8 27M58 38l-13 17M58 38l26-6"/></g><path d="M96 88V58h18v30M100 64h10"/>',
    "complaint": '<path d="M14 66h132M26 66v22M134 66v22"/><g class="self"><circle cx="50" cy="30" r="9"/>'
    '<path d="M30 66c0-16 8-22 20-22s20 6 20 22"/></g><circle cx="112" cy="28" r="9"/><path d="M94 66c0-17 7-24 18-24'
    's18 7 18 24M96 52l-12-14M88 18h-8v-8"/>',
    "phone": '<g class="self"><circle cx="72" cy="34" r="14"/><path d="M44 86c0-24 12-33 28-33s28 9 28 33"/>'
    '<path d="M56 34c0-11 7-19 16-19s16 8 16 19M54 32h6v12h-6zM84 32h6v12h-6zM87 44c0 6-6 8-11 8"/></g>'
    '<path d="M112 26c5 5 5 15 0 20M122 18c9 9 9 27 0 36"/>',
    "talk": '<path d="M8 88h144M20 12h52v32H20zM46 44v10M30 24h30M30 32h20"/><g class="self">'
    '<circle cx="108" cy="22" r="9"/><path d="M108 31v30M108 61l-8 27M108 61l8 27M108 38l-24 4M108 38l18 14"/></g>',
}  # fmt: skip
_STYLE = """
fieldset {display: grid; grid-template-columns: repeat(auto-fill, minmax(min(11.5rem, 100%), 1fr)); gap: 16px;
  margin: 0; padding: 0; border: 0; min-width: 0; font-family: var(--font);
  color: var(--text); line-height: 1.6}
legend {padding: 0; margin-bottom: 8px; font-size: 20px; font-weight: 600}
label {display: flex; flex-direction: column; gap: 4px; padding: 16px; cursor: pointer; border-radius: var(--radius);
  border: 1px solid var(--border); background: var(--ground)}
label:hover {background: var(--second)}
label:has(:checked) {border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent)}
label:has(:focus-visible) {outline: 3px solid var(--accent); outline-offset: 2px}
input {position: absolute; opacity: 0; pointer-events: none}
svg {width: 100%; max-height: 96px; fill: none; stroke: currentColor; stroke-width: 3; stroke-linecap: round;
  stroke-linejoin: round}
svg > * {opacity: 0.55}
svg .self {opacity: 1; stroke: var(--accent)}
b {font-weight: 600}
span {font-size: 14px}
@media (max-width: 600px) {
  label {display: grid; grid-template-columns: 6rem 1fr; column-gap: 16px; padding: 8px 16px}
  svg {grid-row: 1 / 3; align-self: center} }
"""
_SCRIPT = """
export default function ({ parentElement, data, setStateValue }) {
  const place = parentElement.querySelector("fieldset");
  const said = JSON.stringify([data.legend, data.cards]);
  if (place.dataset.said !== said) {
    place.dataset.said = said;
    const legend = document.createElement("legend");
    legend.textContent = data.legend;
    place.replaceChildren(legend, ...data.cards.map(({ id, title, wants, drawing }) => {
      const card = document.createElement("label");
      card.innerHTML = `<input type="radio" name="scene"><svg viewBox="0 0 160 96" aria-hidden="true">${drawing}</svg><b></b><span></span>`;
      const radio = card.querySelector("input");
      radio.value = id;
      radio.onchange = () => setStateValue("scene", id);
      card.querySelector("b").textContent = title;
      card.querySelector("span").textContent = wants;
      return card;
    }));
  }
  for (const radio of place.querySelectorAll("input")) radio.checked = radio.value === data.chosen;
}
"""  # noqa: E501
_component = st.components.v2.component("liyi_scenes", html="<fieldset></fieldset>", css=_STYLE, js=_SCRIPT)


def choose_scene(scenes: Iterable[Scene], *, chosen: str, legend: str, lang: str) -> str:
    """Show the cards; returns the id of the scene that was chosen, at first ``chosen``."""
    state: Any = st.session_state.get("scenes")
    here = str(getattr(state, "scene", None) or chosen)
    cards = [{"id": each.id, "title": pick(each.title, lang), "wants": pick(each.wants, lang),
              "drawing": _DRAWINGS[each.figure]} for each in scenes]  # fmt: skip
    found = _component(
        key="scenes", data={"cards": cards, "chosen": here, "legend": legend}, default={"scene": chosen},
        on_scene_change=lambda: None,
    )  # fmt: skip
    return str(getattr(found, "scene", None) or here)
