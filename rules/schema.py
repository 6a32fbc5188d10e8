"""The JSON Schemas of the formats, made from their types."""

from __future__ import annotations

from typing import Any

import msgspec

from rules.case import Case
from rules.decision import Decision
from rules.edition import Edition, Editions


def case_schema(editions: Editions) -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``linkage-case/1``, with the keys and ids of these editions."""
    schema = _schema(Case, "linkage-case/1")
    fields = schema["$defs"]["Case"]
    fields["required"].remove("assessed_on")
    for name, definition in schema["$defs"].items():
        for field, shape in definition["properties"].items():
            if field not in definition["required"]:
                definition["properties"][field] = _optional(shape)
        definition["title"] = name
    properties = {name: shape.get("anyOf", [shape])[0] for name, shape in fields["properties"].items()}
    for option in fields["properties"]["dataset"]["anyOf"]:
        if option.get("type") == "string":
            option["enum"] = list(dict.fromkeys(one.key for each in editions.all for one in each.datasets))
    properties["purposes"]["items"]["enum"] = list(dict.fromkeys(p for each in editions.all for p in each.purposes))
    properties["purposes"]["uniqueItems"] = properties["use"]["uniqueItems"] = True
    kinds = list(dict.fromkeys(kind for each in editions.all for kind in each.agreement_names))
    schema["$defs"]["Agreement"]["properties"]["kinds"]["items"]["enum"] = kinds
    return schema


def _optional(shape: dict[str, Any]) -> dict[str, Any]:
    """The shape of a field that may be left out: null is read as left out."""
    shape.pop("default", None)
    if {"type": "null"} in shape.get("anyOf", ()):
        return shape
    description = {"description": shape.pop("description")} if "description" in shape else {}
    return {**description, "anyOf": [shape, {"type": "null"}]}


def decision_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``linkage-decision/1``; ``entry`` is there when the decision was recorded."""
    schema = _schema(Decision, "linkage-decision/1")
    text = {"type": "string"}
    schema["$defs"]["Decision"]["properties"]["entry"] = {
        "description": "Where the decision is in the log: number from 1, hash as hex, time in UTC.",
        "type": "object",
        "properties": {
            "id": text,
            "number": {"type": "integer", "minimum": 1},
            "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "recorded_at": {"type": "string", "format": "date-time"},
        },
        "required": ["id", "number", "hash", "recorded_at"],
    }
    return schema


def _schema(form: type[msgspec.Struct], title: str) -> dict[str, Any]:
    schema = msgspec.json.schema(form)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}


def edition_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of ``linkage-edition/1``, whose files are TOML."""
    return _schema(Edition, "linkage-edition/1")
