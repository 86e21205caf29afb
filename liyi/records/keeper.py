"""The machine, as whom the audit trail names where no person did something."""

from __future__ import annotations

from uuid import UUID

KEEPER = UUID("6c697969-0000-4000-8000-000000000002")
