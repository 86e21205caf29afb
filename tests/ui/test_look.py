"""The colours and the type are said once: Streamlit's theme and the report's style sheet have the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from liyi.ui import look

ROOT = Path(__file__).resolve().parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
STREAMLITS = {
    "primaryColor": "accent", "backgroundColor": "ground", "secondaryBackgroundColor": "second", "textColor": "text",
    "borderColor": "border", "linkColor": "accent",
}  # fmt: skip
REPORTS = {"ground": "page", "second": "card", "text": "ink", "border": "rule"}  # as the report calls them


@pytest.mark.parametrize(("scheme", "tokens"), [("light", look.LIGHT), ("dark", look.DARK)])
def test_streamlits_theme(scheme, tokens):
    assert THEME[scheme] == {name: tokens[token] for name, token in STREAMLITS.items()}


def test_streamlits_type():
    assert THEME["font"].replace("'", '"').replace(",", ", ") == look.FONT
    assert THEME["baseFontSize"] == look.BODY_PX
    assert THEME["headingFontSizes"][:2] == [f"{look.TITLE_PX}px", f"{look.SECTION_PX}px"]
    assert THEME["baseRadius"] == f"{look.RADIUS_PX}px"


def test_the_report_has_the_same():
    sheets = (ROOT / "liyi" / "report" / "templates").rglob("*.css")
    light, dark = ({}, {})
    for sheet in sheets:
        text = sheet.read_text(encoding="utf-8")
        start = text.find("@media (prefers-color-scheme: dark)")
        light.update({name: value.upper() for name, value in re.findall(r"--([\w-]+): (#\w+)", text[:start])})
        if start >= 0:
            block = text[start : text.index("}", start)]
            dark.update({name: value.upper() for name, value in re.findall(r"--([\w-]+): (#\w+)", block)})
    for tokens, found in ((look.LIGHT, light), (look.DARK, dark)):
        shared = {REPORTS.get(token, token): value for token, value in tokens.items()}
        assert {name: found[name] for name in shared} == shared


def contrast(one, other):
    """Of two colours, as WCAG 2 counts it."""

    def luminance(colour):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [look.LIGHT, look.DARK])
def test_what_is_read_stands_out(tokens):
    for ground in ("ground", "second"):
        for text in ("text", "soft", "accent", "good", "attention", "fault", "open"):
            assert contrast(tokens[ground], tokens[text]) >= 4.5, (ground, text)
    assert contrast(tokens["accent"], tokens["on"]) >= 4.5


def test_every_colour_that_is_asked_for_is_there():
    """A name that nobody defines gives no colour, or the one of the light page in the dark."""
    report = "".join(sheet.read_text("utf-8") for sheet in (ROOT / "liyi" / "report").rglob("*.css"))
    paths = [each for kind in ("css", "py", "mjs", "j2") for each in (ROOT / "liyi" / "ui").rglob(f"*.{kind}")]
    texts = {path: path.read_text("utf-8") for path in paths}
    everywhere = set(re.findall(r"--([\w-]+):", look.tokens() + report))
    by_scripts = {name for text in texts.values() for name in re.findall(r"\"--([\w-]+)\"", text)}
    for path, text in texts.items():
        used = {name for name in re.findall(r"var\(--([\w-]+)", text) if not name.startswith("st-")}
        assert used <= everywhere | by_scripts | set(re.findall(r"--([\w-]+):", text)), path
