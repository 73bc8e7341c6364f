"""Every event with every kind of nonsense: always an acknowledgement, always one that is published, never a crash."""

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from realtime.registry import Namespace
from realtime.server import NAMESPACES
from tests.support.realtime import Node, World

SCALARS: list[Any] = [
    None, True, False, 0, -1, 1, 2**53, 2**63, -1.5, 1e308, "", "0" * 24, "f" * 24, "Ω", "\u0000", "x" * 5_000,
    "connect", "__proto__", "2026-01-01T00:00:00Z", [], {}, b"bytes",
]  # fmt: skip


def nonsense(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(4 if depth < 3 else 2)
    if kind < 2:
        return rng.choice(SCALARS)
    if kind == 2:
        return [nonsense(rng, depth + 1) for _ in range(rng.randrange(4))]
    return {str(rng.choice(SCALARS[:18])): nonsense(rng, depth + 1) for _ in range(rng.randrange(4))}


def nearly_right(rng: random.Random, schema: dict[str, Any]) -> dict[str, Any]:
    """The declared fields, each with something of its type or nonsense; one missing or one more at times."""
    makers: dict[str, Callable[[], Any]] = {
        "string": lambda: rng.choice(["0" * 24, "online", "connected", "text"]),
        "integer": lambda: rng.choice([0, 1, 2]),
        "boolean": lambda: rng.choice([True, False]),
        "array": lambda: ["0" * 24],
    }
    made = {}
    for name, declared in schema.get("properties", {}).items():
        fitting = makers.get(declared.get("type", ""), lambda: nonsense(rng))
        made[name] = fitting() if rng.random() < 0.8 else nonsense(rng)
    if made and rng.random() < 0.2:
        made.pop(rng.choice(sorted(made)))
    if rng.random() < 0.2:
        made["undeclared"] = nonsense(rng)
    return made


@pytest.fixture
async def unlimited(world: World) -> Node:
    """A process that never finds anybody too fast."""
    node = await world.node()
    ticks = itertools.count(step=1_000)
    node.server._limits._monotonic = lambda: float(next(ticks))
    return node


@pytest.mark.parametrize("namespace", NAMESPACES, ids=lambda namespace: namespace.path)
@pytest.mark.parametrize("seed", range(2))
async def test_nonsense_is_answered_as_published_and_changes_nothing(
    unlimited: Node, namespace: Namespace, seed: int
) -> None:
    rng = random.Random(seed)
    coach = await unlimited.house.coach()
    tab = await unlimited.tab(coach, namespace.path)

    for spec in namespace.events.values():
        schema = spec.payload.model_json_schema(by_alias=True)
        for _ in range(15):
            await tab.ask(spec.name, nonsense(rng))
            await tab.ask(spec.name, nearly_right(rng, schema))
    for _ in range(50):
        await tab.ask(str(rng.choice(SCALARS[:18])), nonsense(rng))

    outcomes = {outcome for _, _, outcome in unlimited.server.counts.events}
    assert "INTERNAL" not in outcomes
    assert unlimited.server.counts.closings == {}
    assert await unlimited.house.stores.calls.history(coach.who.user_id, None, 10) == []


@pytest.mark.parametrize("seed", range(2))
async def test_bytes_that_are_no_protocol_close_a_connection_and_nothing_else(node: Node, seed: int) -> None:
    rng = random.Random(seed)
    party = await node.house.client(card=None)
    tab = await node.tab(party)

    for _ in range(25):
        wire = await node.wire()
        await wire.connect("/notifications", node.auth(party))
        junk = "".join(rng.choice('0123456789-/,[]{}":connect\u2028') for _ in range(rng.randrange(60)))
        await wire.ws.send_str("4" + junk)
        await wire.ws.close()

    assert await tab.done("notifications_read", {"all": True}) == {"unread": 0}
