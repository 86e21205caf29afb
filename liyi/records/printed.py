"""What a unit prints: the impact assessment that the law asks for, and the consent form.

Both are pages of HTML, which any browser prints and any office opens: what Liyi knows is filled in from how it is set
up and from what is kept; what only the unit knows is left as fields, which can be filled in on the screen or by hand.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import distinct, func, select

from liyi.core.atomic import starts_with
from liyi.core.moments import day
from liyi.core.templates import template
from liyi.core.words import pick, translate
from liyi.etiquette.norms import list_packs, load_pack
from liyi.modelfiles.registry import registry
from liyi.records.consent_tables import RetentionPolicy
from liyi.records.consent_texts import NOT_INFERRED, TEXTS
from liyi.records.operations.registry import operation
from liyi.records.role_names import ROLE_NAMES
from liyi.records.schema import Cohort, Department, Organisation, Person, Role, RoleGrant, now
from liyi.records.sign_in import LOCAL
from liyi.records.unit_of_work import not_there, reading
from liyi.records.viewer import may

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.etiquette.pack import NormPack
    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

_TEMPLATES = Path(__file__).parent / "templates"
_MARK = b"<!DOCTYPE html>\n<!-- Liyi: to be printed -->"
FORM_VERSION = "1"


@dataclass(frozen=True)
class SetUp:
    """How an organisation uses Liyi, as far as Liyi knows: counts of people, never who; days of retention."""

    organisation: str
    people: int
    departments: int
    cohorts: int
    roles: Mapping[str, int]
    days: Mapping[str, int]
    private_days: int | None


@operation
def set_up(records: Records, viewer: Viewer) -> SetUp:
    """How the viewer's organisation uses Liyi; for who administers all of it, or is alone on the machine."""
    with reading(records, viewer) as unit:
        alone = viewer.person_id == LOCAL
        if not alone and not unit.holds(may(viewer, Role.admin, viewer.organisation_id)):
            raise not_there()
        return _set_up(unit)


def _set_up(unit: UnitOfWork) -> SetUp:
    here, session = unit.viewer.organisation_id, unit.session

    def count(query: Any) -> int:
        return session.scalar(query) or 0

    held = select(RoleGrant.role, func.count(distinct(RoleGrant.person_id))).where(RoleGrant.organisation_id == here)
    counted: dict[str, int] = {str(role): number for role, number in session.execute(held.group_by(RoleGrant.role))}
    rules = session.execute(select(RetentionPolicy.role, RetentionPolicy.days).where(
        RetentionPolicy.organisation_id == here
    ))  # fmt: skip
    mine = unit.one(Organisation, here)
    return SetUp(
        organisation=mine.name,
        people=count(select(func.count(Person.id)).where(Person.organisation_id == here, Person.left_at.is_(None))),
        departments=count(select(func.count(Department.id)).where(Department.organisation_id == here)),
        cohorts=count(select(func.count(Cohort.id)).where(Cohort.organisation_id == here)),
        roles={role: counted.get(role, 0) for role in ROLE_NAMES},
        days={str(role): days for role, days in rules},
        private_days=mine.private_days,
    )


def impact_assessment(records: Records, known: SetUp, lang: str) -> str:
    """The impact assessment of personal information (个人信息保护影响评估) as a page to print.

    Parameters
    ----------
    records
        The store, of which the folder and the kind of database are named.
    known
        How the organisation uses Liyi.
    lang
        ``zh`` or ``en``.
    """
    packs = [load_pack(each.id) for each in list_packs()]
    return template(f"impact.{lang}.html.j2", _TEMPLATES).render(
        **_common(lang),
        known=known,
        folder=str(records.folder.absolute()),
        database="PostgreSQL" if records.engine.dialect.name == "postgresql" else "SQLite",
        names=[name.strip() for name in os.environ.get("LIYI_HOST_NAMES", "").split(",") if name.strip()],
        team=os.environ.get("LIYI_TEAM") == "1",
        roles={role: translate(name, lang) for role, name in ROLE_NAMES.items()},
        packs=[(f"{pack.id} {pack.version}", _measured(pack, lang)) for pack in packs],
        models=[(model.name, translate(model.purpose, lang), model.licence) for model in registry().values()],
    )


def _measured(pack: NormPack, lang: str) -> Mapping[str, list[str]]:
    """Names of a pack's criteria, by dimension."""
    found: dict[str, list[str]] = {}
    for each in pack.criteria.values():
        found.setdefault(each.dimension, []).append(pick(each.name, lang))
    return found


def consent_form(lang: str, *, organisation: str = "") -> str:
    """The consent form as a page to print: the texts of the pages, word for word, each with its version."""
    place = translate("this server", lang)
    texts = {id: translate(text, lang, place=place) for id, text in TEXTS.items()}
    return template(f"consent.{lang}.html.j2", _TEMPLATES).render(
        **_common(lang), texts=texts, organisation=organisation, form=FORM_VERSION
    )


def _common(lang: str) -> dict[str, Any]:
    return {
        "_": partial(translate, lang=lang),
        "today": day(now()),
        "version": version("liyi"),
        "not_inferred": [translate(each, lang) for each in NOT_INFERRED],
    }


def is_printed(file: Path) -> bool:
    """Whether a file is one of these pages; then it may be written anew."""
    return starts_with(file, _MARK)
