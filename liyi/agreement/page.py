"""Agreement as one HTML file in the look of the report: an overview, then each target with its two charts."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from liyi import report
from liyi.agreement import table
from liyi.agreement.charts import bland_altman, scatter
from liyi.agreement.table import COMPARISONS, IN_SHORT, PEOPLE, SHORT, STATISTICS
from liyi.batch.outputs import AGREEMENT_HTML, IS_OWN
from liyi.core.templates import template
from liyi.core.words import N_, number, translate
from liyi.scoring.folder import result_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.agreement.score_table import Scored
    from liyi.agreement.study import Agreement, Study, ToolHuman
    from liyi.agreement.suggestions import Suggestion
    from liyi.etiquette.pack import NormPack

_TEMPLATES = Path(__file__).parent / "templates"
_CSS = Path(report.__file__).parent / "templates" / "report.css"

_SCALES = {
    "0-1": N_("Scores from 0 to 1, times 100."),
    "0-100": N_("Scores from 0 to 100."),
    "1-5": N_("Grades from 1 to 5, 20 points a grade: 3 is a pass (60), 4 is good (80)."),
}


def write_page(
    study: Study,
    scored: Scored,
    pack: NormPack,
    out: Path,
    lang: str,
    *,
    facts: Sequence[tuple[str, str, str]],
    suggestions: Sequence[Suggestion] = (),
) -> None:
    """Write `agreement_page` as ``agreement.html`` into the folder ``out``."""
    text = agreement_page(study, scored, pack, lang, facts=facts, suggestions=suggestions)
    with result_file(out / AGREEMENT_HTML, IS_OWN[AGREEMENT_HTML]) as part:
        part.write_text(text, encoding="utf-8")


def agreement_page(
    study: Study,
    scored: Scored,
    pack: NormPack,
    lang: str,
    *,
    facts: Sequence[tuple[str, str, str]],
    suggestions: Sequence[Suggestion] = (),
) -> str:
    """The page as text.

    Parameters
    ----------
    study
        What was found.
    scored
        Names the recordings that the dots stand for.
    pack
        Names the targets.
    lang
        ``zh`` or ``en``.
    facts
        Where the figures come from, as (name, value, checksum).
    suggestions
        What came of trying other bands; empty where that was not asked for.
    """
    context: dict[str, Any] = {
        "_": partial(translate, lang=lang),
        "css": Markup(_CSS.read_text(encoding="utf-8")),
        "lang": lang,
        "study": study,
        "scale": translate(_SCALES[study.scale.name], lang),
        "notices": [translate(notice.sentence, lang, **notice.fields) for notice in study.notices],
        "targets": [_target(agreement, scored, pack, lang) for agreement in study.targets],
        "caution": table.caution(lang) if any(map(table.few, study.targets)) else "",
        "facts": facts,
        "suggestions": suggestions,
    }
    return template("agreement.html.j2", _TEMPLATES).render(context)


def _target(agreement: Agreement, scored: Scored, pack: NormPack, lang: str) -> dict[str, Any]:
    name = table.target_name(agreement.target, pack, lang)
    found = table.comparisons(agreement)
    raters = translate("{count} raters", lang, count=len(agreement.humans.raters))
    groups = [
        {
            "name": translate(COMPARISONS[comparison], lang),
            "short": translate(SHORT[comparison], lang),
            "n": table.count_text(next(iter(group.values())).n),
            "raters": raters if comparison == PEOPLE else "",
            "figures": [(translate(STATISTICS[id], lang), figure.text) for id, figure in group.items()],
            "overview": [group[id].text if id in group else "" for id in IN_SHORT],
        }
        for comparison, group in found.items()
    ]
    return {
        "id": agreement.target,
        "name": name,
        "groups": groups,
        "left_out": table.left_out(agreement, lang),
        "charts": _charts(agreement.tool, name, scored, lang),
    }


def _charts(tool: ToolHuman | None, name: str, scored: Scored, lang: str) -> list[dict[str, Markup | str]]:
    if tool is None or not tool.recordings:
        return []
    titles = [
        f"{PurePath(scored.recordings[id].file.replace(chr(92), '/')).name}: {number(t, 1)} · {number(h, 1)}"
        for id, t, h in zip(tool.recordings, tool.tool, tool.human, strict=True)
    ]
    people, liyi = translate("People, points", lang), translate("Liyi, points", lang)
    return [
        {
            "svg": Markup(scatter(tool.human, tool.tool, titles, across=people, up=liyi,
                                  label=translate("Liyi against people: {name}", lang, name=name))),
            "caption": translate("On the line Liyi and people say the same; the dashed lines part the bands.", lang),
        },
        {
            "svg": Markup(bland_altman(tool.human, tool.tool, tool.limits, titles,
                                       across=translate("Mean of both, points", lang),
                                       up=translate("Liyi less people, points", lang),
                                       label=translate("Differences of Liyi and people: {name}", lang, name=name))),
            "caption": translate("Line: bias; dashed: between these limits lie 95 % of the differences; shaded: "
                                 "95 % intervals.", lang),
        },
    ]  # fmt: skip
