"""Payloads made from a published JSON schema, and then spoilt: seeded, so that a case comes again."""

import copy
import random
import re
from collections.abc import Iterator
from typing import Any

#: Somebody might believe any of these.
NONSENSE: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 10**40, -1.5, 1e308, "", " ", "0", "null", "true", "0" * 24,
    "F" * 24, "f" * 25, "\u0000", "\u202e", "Ω≈ç", "'; --", "{$gt: ''}", "../../etc/passwd", "<script>", "%00",
    "x" * 300, "x" * 40_000, [], [[]], [None], {}, {"$gt": ""}, {"__proto__": {}}, {"_placeholder": True, "num": 0},
    "connect", "2026-01-01T00:00:00Z", "1e999",
)  # fmt: skip


class Payloads:
    """Makes payloads for one schema; text fields take from ``words`` whatever their pattern allows."""

    def __init__(self, seed: str, words: list[str]) -> None:
        self._random = random.Random(seed)
        self._words = words

    def good(self, schema: dict[str, Any]) -> Any:
        """Something that fits."""
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        if "anyOf" in schema:
            return self.good(self._random.choice(schema["anyOf"]))
        return getattr(self, f"_{schema['type']}")(schema)

    def spoilt(self, schema: dict[str, Any]) -> Iterator[Any]:
        """Endless, each with one fault or two; by chance, some may be none."""
        while True:
            payload = self.good(schema)
            for _ in range(self._random.choice((1, 1, 2))):
                payload = self._spoil(payload)
            yield payload

    def _spoil(self, payload: Any) -> Any:
        ways = (self._replace, self._replace, self._remove, self._add, self._nest, self._other)
        return self._random.choice(ways)(copy.deepcopy(payload))

    def _other(self, _: Any) -> Any:
        return self._random.choice(NONSENSE)

    def _replace(self, payload: Any) -> Any:
        holder, key = self._place(payload)
        if holder is None:
            return self._other(payload)
        holder[key] = self._random.choice(NONSENSE)
        return payload

    def _remove(self, payload: Any) -> Any:
        holder, key = self._place(payload)
        if holder is None:
            return []
        del holder[key]
        return payload

    def _add(self, payload: Any) -> Any:
        if not isinstance(payload, dict):
            return [payload, payload]
        payload[self._random.choice(("extra", "", "$where", "session_id", "__class__", "userId"))] = (
            self._other(None)
        )
        return payload

    def _nest(self, payload: Any) -> Any:
        holder, key = self._place(payload)
        deep = payload if holder is None else holder[key]
        for _ in range(self._random.choice((1, 20, 200))):
            deep = {"a": deep} if self._random.random() < 0.5 else [deep]
        if holder is None:
            return deep
        holder[key] = deep
        return payload

    def _place(self, payload: Any) -> tuple[Any, Any]:
        """A field somewhere in the payload: its holder and its key."""
        places: list[tuple[Any, Any]] = []
        holders = [payload]
        while holders:
            holder = holders.pop()
            keys = (
                list(holder)
                if isinstance(holder, dict)
                else range(len(holder))
                if isinstance(holder, list)
                else []
            )
            for key in keys:
                places.append((holder, key))
                holders.append(holder[key])
        return self._random.choice(places) if places else (None, None)

    # --- by type --------------------------------------------------------------------------------------------------------

    def _object(self, schema: dict[str, Any]) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        return {
            name: self.good(declared)
            for name, declared in schema.get("properties", {}).items()
            if name in required or self._random.random() < 0.5
        }

    def _array(self, schema: dict[str, Any]) -> list[Any]:
        return [self.good(schema["items"]) for _ in range(max(1, schema.get("minItems", 0)))]

    def _string(self, schema: dict[str, Any]) -> str:
        pattern, longest = schema.get("pattern", ""), schema.get("maxLength", 10**9)
        fitting = [word for word in self._words if re.search(pattern, word) and len(word) <= longest]
        return self._random.choice(fitting)

    def _integer(self, schema: dict[str, Any]) -> int:
        lowest, highest = int(schema.get("minimum", 0)), int(schema.get("maximum", 7))
        return self._random.choice([lowest, min(highest, 7)])

    def _number(self, schema: dict[str, Any]) -> float:
        return float(self._integer(schema))

    def _boolean(self, _: dict[str, Any]) -> bool:
        return self._random.random() < 0.5

    def _null(self, _: dict[str, Any]) -> None:
        return None
