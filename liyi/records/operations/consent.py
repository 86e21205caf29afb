"""A person's consent to being recorded, and the criteria by which a person is not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, exists, or_, select

from liyi.core.errors import LiyiError
from liyi.records.consent_tables import Consent, Exemption
from liyi.records.operations.registry import operation
from liyi.records.schema import Person, now
from liyi.records.unit_of_work import id_of, not_there, reading, writing
from liyi.records.validation import digest_of, key_of, name_of
from liyi.records.viewer import administers, people_judged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


def need_consent(unit: UnitOfWork, person_id: UUID) -> None:
    """Refuse to record a person who has not consented, or has withdrawn it."""
    given = exists().where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
    if not unit.session.scalar(select(given)):
        raise LiyiError("There is no consent to this recording: the person must agree to the consent text first.")


@operation
def give_consent(
    records: Records, viewer: Viewer, *, version: str, text_sha256: str, person_id: UUID | str | None = None
) -> Consent:
    """Note a consent: one's own, or for people without an account the one an administrator holds on paper.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    version, text_sha256
        Of the text that the person agreed to.
    person_id
        Who consents; the viewer when not given.
    """
    with writing(records, viewer) as unit:
        who = _who(unit, viewer, person_id)
        row = Consent(person_id=who, version=key_of(version), text_sha256=digest_of(text_sha256))
        return unit.add(row, "give_consent")


@operation
def withdraw_consent(records: Records, viewer: Viewer, *, person_id: UUID | str | None = None) -> None:
    """Withdraw all consent: nothing more is kept, nobody else sees what it allowed, and that goes at the next purge."""
    with writing(records, viewer) as unit:
        who = _who(unit, viewer, person_id)
        for row in unit.all(unit.select(Consent, Consent.person_id == who, Consent.withdrawn_at.is_(None))):
            row.withdrawn_at = now()
            unit.note("withdraw_consent", Consent, row.id)


@operation
def consents(records: Records, viewer: Viewer, person_id: UUID | str) -> Sequence[Consent]:
    """Consents of a person, newest first."""
    with reading(records, viewer) as unit:
        query = unit.select(Consent, Consent.person_id == id_of(person_id))
        return unit.all(query.order_by(Consent.given_at.desc(), Consent.id))


@operation
def exempt(
    records: Records,
    viewer: Viewer,
    person_id: UUID | str,
    flag: str,
    *,
    from_day: date,
    until_day: date | None = None,
    reason: str | None = None,
) -> Exemption:
    """Exempt a person from a criterion, or from what a pack's flag stands for; said twice it gives what stands.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    person_id
        Who is exempt: somebody whom the viewer judges or administers. Nobody exempts oneself, but for the one person of
        a machine without sign-in.
    flag
        Id of a criterion, or a flag of a norm pack.
    from_day, until_day
        First and last day of the recordings that it holds for; for good without a last one.
    reason
        One line; a blank one is none.
    """
    with writing(records, viewer) as unit:
        who = unit.one(Person, person_id, _cares_for(viewer))
        if until_day is not None and until_day < from_day:
            raise LiyiError("An exemption ends after it begins: mend its days.")
        said = {"person_id": who.id, "flag": key_of(flag), "from_day": from_day, "until_day": until_day,
                "reason": name_of(reason) if reason and reason.strip() else None}  # fmt: skip
        standing = unit.session.scalars(unit.select(Exemption).filter_by(**said)).first()
        return standing or unit.add(Exemption(**said), "exempt")


@operation
def end_exemption(records: Records, viewer: Viewer, exemption_id: UUID | str) -> None:
    """Remove an exemption."""
    with writing(records, viewer) as unit:
        cared_for = select(Person.id).where(_cares_for(viewer))
        unit.remove(unit.one(Exemption, exemption_id, Exemption.person_id.in_(cared_for)), "end_exemption")


@operation
def exemptions(
    records: Records, viewer: Viewer, person_id: UUID | str, *, on: date | None = None
) -> Sequence[Exemption]:
    """Exemptions of a person, all or those of one day."""
    with reading(records, viewer) as unit:
        query = unit.select(Exemption, Exemption.person_id == id_of(person_id))
        if on is not None:
            open_ended = or_(Exemption.until_day.is_(None), Exemption.until_day >= on)
            query = query.where(Exemption.from_day <= on, open_ended)
        return unit.all(query.order_by(Exemption.from_day, Exemption.id))


def _cares_for(viewer: Viewer) -> ColumnElement[bool]:
    """People whose exemptions the viewer decides on: those they judge or administer, not oneself.

    Only the one person of a machine without sign-in, which nobody administers, looks without an account.
    """
    others = or_(Person.id.in_(people_judged(viewer)), administers(viewer, Person))
    return case((Person.id == viewer.person_id, Person.account.is_(None)), else_=others)


def _who(unit: UnitOfWork, viewer: Viewer, person_id: UUID | str | None) -> UUID:
    if person_id is None or id_of(person_id) == viewer.person_id:
        return viewer.person_id
    who = unit.one(Person, person_id, administers(viewer, Person))
    if who.account is not None:
        raise not_there()
    return who.id
