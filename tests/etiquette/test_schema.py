"""The published JSON Schema is the one that the models say, and an assessment that was written keeps to it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema

from liyi.etiquette.assessment import Assessment

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "assessment.schema.json"


def test_schema_is_published():
    said = Assessment.model_json_schema(mode="serialization")
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == said, "run `make schema`"


def test_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))
