"""The look of the product: its colours, its type and its mark, said here once.

Pages and the components in them have the colours as CSS custom properties (`--accent`, `--ground` …), which shadow
roots inherit; `liyi.ui.shell` puts them into each page before anything is drawn. Streamlit's theme
(``.streamlit/config.toml``) and the report's own style sheet say the same values, which a test compares.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STATIC = Path(__file__).parent / "static"

FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
BODY_PX, SECTION_PX, TITLE_PX = 16, 20, 28
RADIUS_PX = 8
BAR_PX, TARGET_PX = 56, 44  # height of the product bar; least height of what is pressed

# ground: of the page; second: of what stands out from it; soft: text of second rank; on: text on the accent. The four
# marks as text, and as the fill of a shape.
LIGHT: Mapping[str, str] = {
    "ground": "#FFFFFF", "second": "#F3F7F7", "border": "#DBE4E3", "text": "#16211F", "soft": "#55635F",
    "accent": "#0F6E6E", "accent-pale": "#E0F0EF", "on": "#FFFFFF",
    "good": "#1D6B3A", "attention": "#8F5A00", "fault": "#A63A28", "open": "#5C6968",
    "good-fill": "#2F8A52", "attention-fill": "#E0A020", "fault-fill": "#C2513C", "open-fill": "#9AA8A6",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "ground": "#0F1615", "second": "#16201E", "border": "#2E3C3A", "text": "#E6EEEC", "soft": "#A5B4B1",
    "accent": "#62C3BF", "accent-pale": "#173836", "on": "#0C1211",
    "good": "#7CCF98", "attention": "#EAB95A", "fault": "#F2917D", "open": "#A5B4B1",
    "good-fill": "#4FAE74", "attention-fill": "#D99A1C", "fault-fill": "#D9644E", "open-fill": "#6C7B78",
}  # fmt: skip


def tokens() -> str:
    """The colours and measures as CSS custom properties of the page, light and dark."""
    measures = {"font": FONT, "radius": f"{RADIUS_PX}px", "target": f"{TARGET_PX}px", "bar": f"{BAR_PX}px"}
    light = "".join(f"--{name}: {value}; " for name, value in {**LIGHT, **measures}.items())
    dark = "".join(f"--{name}: {value}; " for name, value in DARK.items())
    return (
        f":root {{ color-scheme: light dark; {light}}}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}\n"
    )


@cache
def style() -> str:
    """The style sheet of every page of the app."""
    return tokens() + (STATIC / "look.css").read_text(encoding="utf-8")


def seal() -> Path:
    """The mark of the product, an SVG: in the bar, and in the browser's tab."""
    return STATIC / "seal.svg"
