"""Everything that can be set from outside, with its default."""

import inspect
import re
from dataclasses import fields
from pathlib import Path

from pydantic.fields import FieldInfo

from adapters.mongo.indexes import IndexSpec
from bootstrap.settings import CALL_TERM_PREFIX, Settings
from bootstrap.wiring.stores import INDEXES
from domain.calls.terms import CallTerms
from tools.reference.markdown import code, codes, table
from tools.reference.words import CALL_TERMS, COLLECTIONS


def variable(name: str, info: FieldInfo) -> str:
    """The environment variable of a field."""
    return str(info.validation_alias or f"RAPPORT_{name.upper()}")


def variables() -> list[str]:
    """All environment variables, those of the terms too."""
    own = [variable(name, info) for name, info in Settings.model_fields.items()]
    return own + [CALL_TERM_PREFIX + field.name.upper() for field in fields(CallTerms)]


def settings() -> str:
    """The program's settings."""
    rows = (
        (code(variable(name, info)), _default(info.default), info.description or "")
        for name, info in Settings.model_fields.items()
    )
    return table(("variable", "default", "what it is"), rows)


def call_terms() -> str:
    """The numbers of a call."""
    terms, real = CallTerms(), _real_terms()
    rows = []
    for field in fields(CallTerms):
        unit, meaning = CALL_TERMS[field.name]
        unit = unit or ("s, real" if field.name in real else "s, domain")
        name = CALL_TERM_PREFIX + field.name.upper()
        rows.append((code(name), f"{getattr(terms, field.name):g}", unit, meaning))
    return table(("variable", "default", "unit", "what it is"), rows)


def _real_terms() -> set[str]:
    """The terms whose declaration begins with ``#: real``."""
    source = Path(inspect.getfile(CallTerms)).read_text()
    return set(re.findall(r"#: real\b.*\n\s+(\w+):", source))


def collections() -> str:
    """Collections and the indexes their queries need."""
    by_name: dict[str, list[str]] = {name: [] for name in COLLECTIONS}
    for spec in INDEXES:
        by_name[spec.collection].append(index(spec))
    rows = ((code(name), COLLECTIONS[name], "<br>".join(found)) for name, found in sorted(by_name.items()))
    return table(("collection", "what is in it", "indexes besides `_id`"), rows)


def _default(value: object) -> str:
    if value is None or value == ():
        return "unset"
    return code(str(value).lower() if isinstance(value, bool) else value)


def index(spec: IndexSpec) -> str:
    """An index as the reference tells it: keys, and what is special about it."""
    options = dict(spec.options)
    notes = [key for key in ("unique", "sparse") if options.get(key)]
    if "expireAfterSeconds" in options:
        notes.append(_kept(options["expireAfterSeconds"]))
    if "partialFilterExpression" in options:
        notes.append("partial")
    keys = codes(f"{name}{' ↓' if order == -1 else ''}" for name, order in spec.keys)
    return f"{keys} ({', '.join(notes)})" if notes else keys


def _kept(seconds: int) -> str:
    if not seconds:
        return "removed at that instant"
    return f"kept for {seconds // 86_400} d" if seconds % 86_400 == 0 else f"kept for {seconds / 3600:g} h"
