"""Form-encoded bodies with nested brackets, and a reader that notices what nobody read.

``a[b][0][c]=1`` becomes ``{"a": {"b": {"0": {"c": "1"}}}}``. An operation reads its parameters by name and type and then
calls :meth:`Form.done`; a name nobody asked for is ``parameter_unknown``, as at Stripe.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import parse_qsl

from sandbox.errors import InvalidParameter

Nested = dict[str, "str | Nested"]

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_BRACKET = re.compile(r"\[([^\[\]]*)\]")
_MAX_FIELDS = 1000
_MAX_DEPTH = 6
#: Stripe's limits of metadata (https://docs.stripe.com/api/metadata)
_METADATA_KEYS, _METADATA_NAME, _METADATA_VALUE = 50, 40, 500
_MAX_INTEGER = 10**12


def decode(text: str) -> Nested:
    """Read a query string or a form body.

    Raises:
        InvalidParameter: malformed names, a value where an object is expected, or too many fields.
    """
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise InvalidParameter(f"Invalid request body: {error}") from error
    root: Nested = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise InvalidParameter(f"Invalid parameter name: {name}", param=name)
        path = [match.group(1), *_BRACKET.findall(match.group(2))]
        if len(path) > _MAX_DEPTH:
            raise InvalidParameter(f"Parameter nested too deeply: {name}", param=name)
        _insert(root, path, value, name)
    return root


def _insert(root: Nested, path: list[str], value: str, name: str) -> None:
    place = root
    for step in path[:-1]:
        child = place.setdefault(step, {})
        if isinstance(child, str):
            raise InvalidParameter(f"Invalid object: {name}", param=name)
        place = child
    last = path[-1] or str(len(place))
    if last in place:
        raise InvalidParameter(f"Parameter given twice: {name}", param=name)
    place[last] = value


class Form:
    """The parameters of one request, read by name; each getter raises ``InvalidParameter`` with the full name."""

    def __init__(self, values: Mapping[str, "str | Nested"], prefix: str = "") -> None:
        self._values = values
        self._prefix = prefix
        self._read: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def is_object(self, name: str) -> bool:
        """Whether the parameter came with brackets."""
        return isinstance(self._values.get(name), dict)

    def text(self, name: str, *, max_length: int = 5000) -> str | None:
        """A string, or None when absent."""
        self._read.add(name)
        value = self._values.get(name)
        if isinstance(value, dict):
            raise self._invalid(name, "Invalid string", "parameter_invalid_string")
        if value is not None and len(value) > max_length:
            raise self._invalid(name, f"Invalid string: longer than {max_length}", "parameter_invalid_string")
        return value

    def required_text(self, name: str) -> str:
        """A string that must be there and not be empty."""
        value = self.text(name)
        if value is None:
            raise self._invalid(name, "Missing required param", "parameter_missing")
        if value == "":
            raise self._invalid(name, "You passed an empty string", "parameter_invalid_empty")
        return value

    def integer(self, name: str, *, minimum: int = 0, maximum: int = _MAX_INTEGER) -> int | None:
        """A whole number in the range, or None when absent."""
        value = self.text(name)
        if value is None:
            return None
        if re.fullmatch(r"-?[0-9]{1,18}", value) is None:
            raise self._invalid(name, f"Invalid integer: {value}", "parameter_invalid_integer")
        number = int(value)
        if number < minimum:
            raise self._invalid(
                name, f"This value must be greater than or equal to {minimum}", "parameter_invalid_integer"
            )
        if number > maximum:
            raise self._invalid(
                name, f"This value must be less than or equal to {maximum}", "parameter_invalid_integer"
            )
        return number

    def required_integer(self, name: str, *, minimum: int = 0) -> int:
        """A whole number that must be there."""
        value = self.integer(name, minimum=minimum)
        if value is None:
            raise self._invalid(name, "Missing required param", "parameter_missing")
        return value

    def boolean(self, name: str) -> bool:
        """``true`` or ``false``; absent is false."""
        value = self.text(name)
        if value not in (None, "true", "false"):
            raise self._invalid(name, f"Invalid boolean: {value}", "parameter_invalid_boolean")
        return value == "true"

    def choice(self, name: str, options: Collection[str]) -> str | None:
        """One of ``options``, or None when absent."""
        value = self.text(name)
        if value is not None and value not in options:
            allowed = ", ".join(sorted(options))
            raise self._invalid(name, f"Invalid value: must be one of {allowed}", "parameter_invalid")
        return value

    def texts(self, name: str) -> list[str]:
        """An array of strings; absent is empty."""
        self._read.add(name)
        value = self._values.get(name, {})
        if isinstance(value, str):
            raise self._invalid(name, "Invalid array", "parameter_invalid")
        items = [item for _, item in sorted(value.items(), key=lambda pair: pair[0].zfill(8))]
        if not all(isinstance(item, str) for item in items):
            raise self._invalid(name, "Invalid array", "parameter_invalid")
        return [item for item in items if isinstance(item, str)]

    def nested(self, name: str) -> "Form | None":
        """An object, to be read and finished by the caller; see :meth:`within`."""
        self._read.add(name)
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str):
            raise self._invalid(name, "Invalid object", "parameter_invalid")
        return Form(value, self._full(name))

    @contextmanager
    def within(self, name: str) -> Iterator["Form"]:
        """Read an object, empty when absent, and insist that everything in it was read."""
        form = self.nested(name) or Form({}, self._full(name))
        yield form
        form.done()

    def forms(self, name: str) -> list["Form"]:
        """An array of objects; each is finished by the caller."""
        self._read.add(name)
        value = self._values.get(name, {})
        if isinstance(value, str):
            raise self._invalid(name, "Invalid array", "parameter_invalid")
        found = []
        for index in sorted(value, key=lambda step: step.zfill(8)):
            item = value[index]
            if isinstance(item, str):
                raise self._invalid(name, "Invalid object", "parameter_invalid")
            found.append(Form(item, f"{self._full(name)}[{index}]"))
        return found

    def strings(self, name: str) -> dict[str, str]:
        """An object of strings, such as an address."""
        self._read.add(name)
        value = self._values.get(name, {})
        if value == "":
            return {}
        if isinstance(value, str) or not all(isinstance(item, str) for item in value.values()):
            raise self._invalid(name, "Invalid object", "parameter_invalid")
        return {key: item for key, item in value.items() if isinstance(item, str)}

    def metadata(self) -> dict[str, str]:
        """``metadata`` within Stripe's limits; an empty value means: remove this name."""
        values = self.strings("metadata")
        if len(values) > _METADATA_KEYS:
            raise self._invalid(
                "metadata", f"Metadata can have up to {_METADATA_KEYS} keys", "parameter_invalid"
            )
        for name, value in values.items():
            if len(name) > _METADATA_NAME or len(value) > _METADATA_VALUE:
                raise self._invalid("metadata", f"Metadata {name[:40]!r} is too long", "parameter_invalid")
        return values

    def done(self) -> None:
        """Refuse what nobody asked for."""
        for name in self._values:
            if name not in self._read:
                full = self._full(name)
                raise InvalidParameter(
                    f"Received unknown parameter: {full}", code="parameter_unknown", param=full
                )

    def _full(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name

    def _invalid(self, name: str, message: str, code: str) -> InvalidParameter:
        full = self._full(name)
        return InvalidParameter(f"{message}: {full}.", code=code, param=full)
