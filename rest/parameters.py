"""What path parameters look like."""

import re
from dataclasses import dataclass

from domain.ids import ID_PATTERN


@dataclass(frozen=True, slots=True)
class Parameter:
    """One kind: its pattern, what is said of something else, and its format in JSON Schema, if that has a name."""

    pattern: str
    problem: str
    format: str | None = None

    def fits(self, value: str) -> bool:
        """Whether a value looks so."""
        return re.fullmatch(self.pattern, value, re.ASCII) is not None

    @property
    def schema(self) -> dict[str, str]:
        """For the OpenAPI document."""
        known = {"type": "string", "pattern": self.pattern}
        return known | {"format": self.format} if self.format else known


_IDENTIFIER = Parameter(ID_PATTERN, "must be 24 hexadecimal digits, lower case")
#: By name; every other parameter is an identifier.
_OTHERS = {
    "date": Parameter(r"^\d{4}-\d{2}-\d{2}$", "must be a date like 2026-12-24", "date"),
    "secret": Parameter(r"^[A-Za-z0-9_-]{43}$", "must be 43 characters of base64url"),
}


def parameter(name: str) -> Parameter:
    """What the parameter of this name looks like."""
    return _OTHERS.get(name, _IDENTIFIER)
