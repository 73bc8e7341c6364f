"""The gateway's bad days, on request.

A fault is set with ``POST /_sandbox/faults``. A scripted one hits the ``nth`` matching request and the ``times - 1``
after it; a ``chaos`` one hits by chance, drawn from its seed and a count per operation, so the same seed gives the same
draws again. Faults and their counts are stored: they survive restarts.

===========================  =======================================================================================
``decline``                  the authorization is refused with ``code`` (a decline code)
``timeout_after_success``    performed; the answer is held ``seconds``, longer than a client waits
``drop_after_success``       performed; the connection is cut without an answer
``delay_before``             nothing happens for ``seconds``; the key is in flight (409 for others) meanwhile
``error_500_before``         500, nothing performed; saved under the key and replayed
``error_500_after``          500, performed; saved under the key and replayed
``rate_limit``               429, nothing performed, nothing saved
``lock_timeout``             429 ``lock_timeout``: the object is busy; nothing performed, nothing saved
``conflict``                 409: the request conflicts with another; nothing performed, nothing saved
``fee_pending``              performed; the fee is not known yet: the charge names no balance transaction
``chaos``                    the above by probability, and webhooks doubled, reordered, delayed
===========================  =======================================================================================
"""

import random
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from sandbox.cards import DECLINES
from sandbox.store import Store

Scripted = Literal[
    "decline",
    "timeout_after_success",
    "drop_after_success",
    "delay_before",
    "error_500_before",
    "error_500_after",
    "rate_limit",
    "lock_timeout",
    "conflict",
    "fee_pending",
]
Probability = Annotated[float, Field(ge=0, le=1)]


class FaultSpec(BaseModel):
    """What is asked for; names on the wire are camelCase."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)

    kind: Scripted | Literal["chaos"]
    #: ``payment_intents.capture``, or a prefix such as ``payment_intents``; None is every write
    operation: str | None = None
    customer: str | None = None
    nth: int = Field(default=1, ge=1)
    #: how many matching requests in a row; None is all from the nth on
    times: int | None = Field(default=1, ge=1)
    code: str = "generic_decline"
    seconds: float = Field(default=30.0, ge=0, le=600)

    seed: int = 0
    #: chaos also hits reads
    reads: bool = False
    timeout_after_success: Probability = 0.0
    drop_after_success: Probability = 0.0
    #: half of them before performing, half after
    error500: Probability = 0.0
    rate_limit: Probability = 0.0
    conflict: Probability = 0.0
    duplicate_webhooks: Probability = 0.0
    reorder_webhooks: Probability = 0.0
    #: shortest and longest delay of each webhook, real milliseconds
    delay_webhooks_ms: tuple[float, float] = (0.0, 0.0)

    @model_validator(mode="after")
    def _consistent(self) -> "FaultSpec":
        if self.code not in DECLINES:
            raise ValueError(f"unknown decline code {self.code}")
        parts = (
            self.timeout_after_success,
            self.drop_after_success,
            self.error500,
            self.rate_limit,
            self.conflict,
        )
        if sum(parts) > 1:
            raise ValueError("the probabilities of one request's faults add up to more than 1")
        low, high = self.delay_webhooks_ms
        if not 0 <= low <= high <= 600_000:
            raise ValueError("delayWebhooksMs is [shortest, longest], at most 600000")
        return self


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as stored: how many matching requests it has seen and hit."""

    id: int
    spec: FaultSpec
    seen: int
    hits: int


@dataclass(frozen=True, slots=True)
class Strike:
    """What happens to one request."""

    kind: Scripted
    seconds: float = 30.0
    code: str = "generic_decline"


#: How far a reordered webhook falls back, real seconds.
_REORDER_SECONDS = (0.2, 0.8)


class FaultBook:
    """The faults in force; every question counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, spec: FaultSpec) -> Fault:
        """Put a fault in force."""
        cursor = self._store.connection.execute(
            "INSERT INTO faults (spec) VALUES (?)", (spec.model_dump_json(by_alias=True),)
        )
        return Fault(cursor.lastrowid or 0, spec, 0, 0)

    def every(self) -> list[Fault]:
        """All faults in force, oldest first."""
        rows = self._store.connection.execute("SELECT * FROM faults ORDER BY id").fetchall()
        return [
            Fault(row["id"], FaultSpec.model_validate_json(row["spec"]), row["seen"], row["hits"])
            for row in rows
        ]

    def clear(self) -> int:
        """End all faults; how many there were."""
        self._store.connection.execute("DELETE FROM draws")
        return self._store.connection.execute("DELETE FROM faults").rowcount

    def strike(self, operation: str, customer: str | None, *, write: bool) -> Strike | None:
        """What happens to this request; the first fault that hits decides."""
        for fault in self.every():
            if fault.spec.kind == "decline" or not _matches(fault.spec, operation, customer):
                continue
            if fault.spec.kind == "chaos":
                hit = self._draw(fault, operation) if write or fault.spec.reads else None
            elif write or fault.spec.operation is not None:
                hit = self._scripted(fault)
            else:
                hit = None
            if hit is not None:
                return hit
        return None

    def decline(self, customer: str | None) -> str | None:
        """The decline code for this authorization, when a fault refuses it."""
        for fault in self.every():
            if fault.spec.kind == "decline" and _matches(fault.spec, fault.spec.operation or "", customer):
                hit = self._scripted(fault)
                if hit is not None:
                    return hit.code
        return None

    def delivery_delays(self, event_type: str) -> list[float]:
        """When to deliver an event, in seconds from now: once at 0, unless chaos wants it otherwise."""
        delays = [0.0]
        for fault in self.every():
            if fault.spec.kind != "chaos":
                continue
            spec, dice = fault.spec, self._dice(fault, "webhook")
            low, high = spec.delay_webhooks_ms
            delays = [delay + dice.uniform(low, high) / 1000 for delay in delays]
            if dice.random() < spec.reorder_webhooks:
                delays = [delay + dice.uniform(*_REORDER_SECONDS) for delay in delays]
            if dice.random() < spec.duplicate_webhooks:
                delays.append(delays[0] + dice.uniform(0, 0.5))
        return delays

    def _scripted(self, fault: Fault) -> Strike | None:
        seen, spec = fault.seen + 1, fault.spec
        hit = seen >= spec.nth and (spec.times is None or seen < spec.nth + spec.times)
        self._count(fault, hit)
        if not hit or spec.kind == "chaos":
            return None
        return Strike(spec.kind, spec.seconds, spec.code)

    def _draw(self, fault: Fault, operation: str) -> Strike | None:
        spec, dice = fault.spec, self._dice(fault, operation)
        chance, half = dice.random(), dice.random()
        broken: Scripted = "error_500_before" if half < 0.5 else "error_500_after"
        table: list[tuple[Scripted, float]] = [
            ("timeout_after_success", spec.timeout_after_success),
            ("drop_after_success", spec.drop_after_success),
            (broken, spec.error500),
            ("rate_limit", spec.rate_limit),
            ("conflict", spec.conflict),
        ]
        for kind, probability in table:
            if chance < probability:
                self._count(fault, True)
                return Strike(kind, spec.seconds)
            chance -= probability
        self._count(fault, False)
        return None

    def _dice(self, fault: Fault, label: str) -> random.Random:
        count = self._store.connection.execute(
            "INSERT INTO draws (fault, label, count) VALUES (?, ?, 1)"
            " ON CONFLICT (fault, label) DO UPDATE SET count = count + 1 RETURNING count",
            (fault.id, label),
        ).fetchone()["count"]
        return random.Random(f"{fault.spec.seed}:{label}:{count}")

    def _count(self, fault: Fault, hit: bool) -> None:
        self._store.connection.execute(
            "UPDATE faults SET seen = seen + 1, hits = hits + ? WHERE id = ?", (int(hit), fault.id)
        )


def _matches(spec: FaultSpec, operation: str, customer: str | None) -> bool:
    if spec.customer is not None and spec.customer != customer:
        return False
    wanted = spec.operation
    return wanted is None or operation == wanted or operation.startswith(f"{wanted}.")
