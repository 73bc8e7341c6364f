"""JSON schemas as TypeScript."""

from typing import Any

import pytest

from tools.reference.typescript import Fields, Interfaces, comment, key


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string", "pattern": "x"}, "string"),
        ({"type": "integer", "minimum": 0}, "number"),
        ({"const": True}, "true"),
        ({"type": "string", "enum": ["on", "off"]}, '"on" | "off"'),
        ({"type": "string", "enum": [str(number) for number in range(99)]}, "string"),
        ({"type": "string", "enum": ["B", "A"]}, "Letter"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}, {"type": "string"}]}, "string | null"),
        (
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
            "Array<string | null>",
        ),
        ({"$ref": "#/components/schemas/Problem"}, "Problem"),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "Record<string, never>"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Record<string, number>"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"type": "object", "properties": {"a-b": {"type": "string"}}}, '{ "a-b"?: string }'),
        ({}, "unknown"),
    ],
)
def test_a_schema_is_a_type(schema: dict[str, Any], kind: str) -> None:
    assert Interfaces(known={frozenset({"A", "B"}): "Letter"}).type_of(schema) == kind


POINT = {
    "type": "object",
    "title": "Point",
    "description": "Where.",
    "properties": {
        "x": {"type": "integer", "description": "to the right"},
        "y": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "unit": {"type": "string", "default": "m"},
    },
    "required": ["x"],
}


@pytest.mark.parametrize(
    ("fields", "y", "unit"),
    [
        (Fields.AS_REQUIRED, "y?: number | null", "unit?: string"),
        (Fields.ALL, "y: number | null", "unit: string"),
        (Fields.NEVER_NULL, "y?: number", "unit: string"),
    ],
)
def test_an_object_with_a_title_is_an_interface(fields: Fields, y: str, unit: str) -> None:
    kinds = Interfaces(fields)

    assert kinds.type_of({"type": "array", "items": POINT}) == "Array<Point>"
    assert kinds.made["Point"] == (
        "/** Where. */\nexport interface Point {\n"
        f"  /** to the right */\n  x: number;\n  {y};\n  {unit};\n}}\n"
    )


def test_another_shape_of_the_same_name_gets_a_name_of_its_own() -> None:
    first = Interfaces(suffix="Request")
    second = Interfaces(suffix="Event", made=first.made)
    other = POINT | {"required": ["x", "y"]}

    assert (first.type_of(POINT), second.type_of(other), second.type_of(POINT)) == (
        "Point",
        "PointEvent",
        "Point",
    )
    with pytest.raises(ValueError, match="two shapes are called Point"):
        second.type_of(POINT | {"required": ["y"]})


def test_a_long_union_has_a_line_for_each_value() -> None:
    values = ["a" * 30, "b" * 30, "c" * 30, "d" * 30]
    schema = {"type": "object", "title": "Long", "properties": {"what": {"enum": values}}}
    kinds = Interfaces()

    kinds.type_of(schema)

    assert kinds.made["Long"].splitlines()[1:3] == ["  what?:", f'    | "{"a" * 30}"']


def test_a_comment_cannot_be_left_and_is_wrapped() -> None:
    assert comment("Ends */ here, with ``code``.") == ["/** Ends *\\/ here, with `code`. */"]
    assert comment("") == []
    assert all(len(line) <= 110 for line in comment("word " * 100, "    "))


def test_names_that_are_no_identifiers_are_quoted() -> None:
    assert [key("camelCase"), key("live-signal"), key("GET /x")] == ["camelCase", '"live-signal"', '"GET /x"']
