"""JSON schemas as TypeScript: what both API documents say, for an editor and for ``tsc``."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

Schema = Mapping[str, Any]

WIDTH = 110
#: An enumeration of more values than this is checked by the server; nobody wants to read all countries here.
LISTED = 50
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_REFERENCE = "#/components/schemas/"


class Fields(Enum):
    """What it means that a schema does not require a field."""

    #: the sender may leave it out
    AS_REQUIRED = "as required"
    #: nothing: it is always sent, perhaps as null
    ALL = "all"
    #: it is left out instead of being null, and there when it has another default
    NEVER_NULL = "never null"


@dataclass
class Interfaces:
    """Collects the named objects of schemas, each once, by title."""

    fields: Fields = Fields.AS_REQUIRED
    #: added to a name that is taken by another shape
    suffix: str = ""
    made: dict[str, str] = field(default_factory=dict)
    #: enumerations that have a name already
    known: Mapping[frozenset[str], str] = field(default_factory=dict)

    def type_of(self, schema: Schema) -> str:
        """The type of a value; objects with a title become interfaces of that name.

        Raises:
            ValueError: two shapes want one name, even with the suffix.
        """
        if "$ref" in schema:
            return str(schema["$ref"]).removeprefix(_REFERENCE)
        if "const" in schema:
            return json.dumps(schema["const"])
        if "enum" in schema:
            return self._enum(schema)
        options = schema.get("anyOf") or schema.get("oneOf")
        if options:
            return " | ".join(dict.fromkeys(self.type_of(option) for option in options))
        if schema.get("type") == "array":
            return f"Array<{self.type_of(schema.get('items', {}))}>"
        if schema.get("type") == "object":
            return self._object(schema)
        return _PLAIN.get(schema.get("type", ""), "unknown")

    def _enum(self, schema: Schema) -> str:
        values = schema["enum"]
        known = self.known.get(frozenset(values))
        if known or len(values) <= LISTED:
            return known or " | ".join(json.dumps(value) for value in values)
        return _PLAIN[schema.get("type", "string")]

    def _object(self, schema: Schema) -> str:
        if schema.get("properties"):
            title = schema.get("title")
            return self.name(title, schema) if title else "{ " + "; ".join(self._inline(schema)) + " }"
        if schema.get("additionalProperties") is False:
            return "Record<string, never>"
        values = schema.get("additionalProperties")
        return f"Record<string, {self.type_of(values) if isinstance(values, Mapping) else 'unknown'}>"

    def name(self, title: str, schema: Schema) -> str:
        """The interface of an object with properties."""
        body = self._interface(schema)
        for name in (title, title + self.suffix):
            lines = [*comment(schema.get("description", "")), f"export interface {name} {body}"]
            text = "\n".join(lines) + "\n"
            if self.made.setdefault(name, text) == text:
                return name
        raise ValueError(f"two shapes are called {title}")

    def _interface(self, schema: Schema) -> str:
        lines = ["{"]
        for name, value in schema["properties"].items():
            # An object that is named says itself what it is.
            if not (value.get("title") and value.get("properties")):
                lines += comment(value.get("description", ""), "  ")
            lines.append(self._line(name, value, schema))
        return "\n".join([*lines, "}"])

    def _line(self, name: str, value: Schema, schema: Schema) -> str:
        kind = self._kind(value)
        line = f"  {key(name)}{self._mark(name, value, schema)}: {kind};"
        if len(line) <= WIDTH:
            return line
        return line.partition(":")[0] + ":" + "".join(f"\n    | {one}" for one in kind.split(" | ")) + ";"

    def _inline(self, schema: Schema) -> Iterable[str]:
        for name, value in schema["properties"].items():
            yield f"{key(name)}{self._mark(name, value, schema)}: {self._kind(value)}"

    def _kind(self, value: Schema) -> str:
        if self.fields is Fields.NEVER_NULL and value.get("anyOf"):
            value = dict(value) | {"anyOf": [one for one in value["anyOf"] if one != {"type": "null"}]}
        return self.type_of(value)

    def _mark(self, name: str, value: Schema, schema: Schema) -> str:
        required = name in schema.get("required", ()) or self.fields is Fields.ALL
        there = self.fields is Fields.NEVER_NULL and "default" in value
        return "" if required or there else "?"


def key(name: str) -> str:
    """A property's name, quoted where it must be."""
    return name if _NAME.fullmatch(name) else json.dumps(name)


def comment(text: str, indent: str = "") -> list[str]:
    """A JSDoc comment of this text, or nothing for none."""
    words = text.replace("*/", "*\\/").replace("``", "`").split()
    if not words:
        return []
    if len(indent) + 7 + len(" ".join(words)) <= WIDTH:
        return [f"{indent}/** {' '.join(words)} */"]
    lines, line = [f"{indent}/**"], f"{indent} *"
    for word in words:
        if len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = f"{indent} *"
        line += " " + word
    return [*lines, line, f"{indent} */"]
