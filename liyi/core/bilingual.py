"""A text in Chinese and English, as packs and assessments hold it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Bilingual(BaseModel):
    """A sentence in Chinese and in English."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = ""
    en: str = ""
