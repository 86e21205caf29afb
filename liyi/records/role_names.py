"""What people call the roles: keys of the catalogue, the lowest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLE_NAMES: Mapping[str, str] = {
    "trainee": N_("Trainee"),
    "trainer": N_("Trainer"),
    "evaluator": N_("Evaluator"),
    "admin": N_("Administrator"),
}
