"""One suite for every bus: the one in memory and the one on Valkey."""

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from typing import Any

import pytest
from redis.asyncio import Redis

from adapters.redis.bus import BusTimes, RedisBus
from adapters.redis.client import connect
from adapters.redis.link import packed
from adapters.redis.memory import MemoryBus, MemoryHub
from bootstrap.embedded import StoreUris
from domain.errors import Unavailable
from tests.support.sandbox import eventually


@dataclass
class Ears:
    """A listener that remembers."""

    frames: list[tuple[str, bytes]] = field(default_factory=list)
    gaps: list[list[str]] = field(default_factory=list)
    losses: list[list[str]] = field(default_factory=list)

    def frame(self, channel: str, frame: bytes) -> None:
        self.frames.append((channel, frame))

    def gap(self, channels: Collection[str]) -> None:
        self.gaps.append(sorted(channels))

    def lost(self, channels: Collection[str]) -> None:
        self.losses.append(sorted(channels))


@dataclass
class Line:
    """A bus and who listens to it."""

    bus: Any
    ears: Ears


@pytest.fixture(params=["memory", "valkey"])
async def lines(request: pytest.FixtureRequest, store_uris: StoreUris) -> AsyncIterator[tuple[Line, Line]]:
    """Two processes on one bus."""
    if request.param == "memory":
        hub = MemoryHub()
        buses: list[Any] = [MemoryBus(hub), MemoryBus(hub)]
        clients: list[Any] = []
    else:
        clients = [connect(store_uris.redis_url), connect(store_uris.redis_url)]
        buses = [RedisBus(client) for client in clients]
    made = [Line(bus, Ears()) for bus in buses]
    for line in made:
        line.bus.listen(line.ears)
        await line.bus.start()
    yield made[0], made[1]
    for line in made:
        await line.bus.stop()
    for client in clients:
        await client.aclose()


async def test_a_frame_published_after_subscribing_is_heard_by_everybody_who_subscribed(
    lines: tuple[Line, Line],
) -> None:
    one, two = lines
    await asyncio.gather(one.bus.subscribe(["a"]), two.bus.subscribe(["a"]))

    await one.bus.publish([("a", b'{"n":1}')])

    await eventually(lambda: one.ears.frames == two.ears.frames == [("a", b'{"n":1}')])


async def test_frames_of_one_sender_arrive_in_order_however_they_were_sent(lines: tuple[Line, Line]) -> None:
    one, two = lines
    await two.bus.subscribe(["a", "b"])

    for number in range(0, 300, 3):
        one.bus.send("a", b"%d" % number)
        one.bus.send("b", b"x")
        await one.bus.publish([("a", b"%d" % (number + 1)), ("a", b"%d" % (number + 2))])

    await eventually(lambda: len(two.ears.frames) == 400)
    assert [frame for channel, frame in two.ears.frames if channel == "a"] == [b"%d" % n for n in range(300)]


async def test_nothing_is_heard_of_a_channel_that_was_given_up(lines: tuple[Line, Line]) -> None:
    one, two = lines
    await two.bus.subscribe(["a", "b"])

    two.bus.unsubscribe(["a"])
    await one.bus.publish([("a", b"1"), ("b", b"2")])

    await eventually(lambda: len(two.ears.frames) == 1)
    assert two.ears.frames == [("b", b"2")]


async def test_a_channel_given_up_and_wanted_again_at_once_is_heard(lines: tuple[Line, Line]) -> None:
    one, two = lines
    await two.bus.subscribe(["a"])

    two.bus.unsubscribe(["a"])
    await two.bus.subscribe(["a"])
    await one.bus.publish([("a", b"1")])

    await eventually(lambda: two.ears.frames == [("a", b"1")])


async def test_subscribing_again_and_again_is_no_gap(lines: tuple[Line, Line]) -> None:
    one, _ = lines

    for _ in range(5):
        await asyncio.gather(*(one.bus.subscribe([f"c{number}"]) for number in range(50)))

    assert one.ears.gaps == []


@pytest.fixture
async def line(store_uris: StoreUris) -> AsyncIterator[Line]:
    """One process on Valkey."""
    client = connect(store_uris.redis_url)
    made = Line(RedisBus(client, BusTimes(pong_within=0.5, publish_within=0.3)), Ears())
    made.bus.listen(made.ears)
    await made.bus.start()
    yield made
    await made.bus.stop()
    await client.aclose()


async def test_a_cut_connection_is_made_again_and_all_its_channels_are_reported(
    line: Line, valkey: "Redis[bytes]"
) -> None:
    await line.bus.subscribe(["a", "b"])

    await valkey.execute_command("CLIENT", "KILL", "TYPE", "PUBSUB")
    await eventually(lambda: bool(line.ears.gaps))
    await line.bus.publish([("a", b"1")])

    await eventually(lambda: line.ears.frames == [("a", b"1")])
    assert line.ears.gaps == [["a", "b"]]


async def test_a_gap_is_reported_once_every_channel_is_heard_again(
    line: Line, valkey: "Redis[bytes]"
) -> None:
    channels = [f"c{number}" for number in range(100)]
    await line.bus.subscribe(channels)
    heard_then: list[set[str]] = []
    line.ears.gap = lambda _: heard_then.append(set(line.bus._subscriber._heard))

    await valkey.execute_command("CLIENT", "KILL", "TYPE", "PUBSUB")

    await eventually(lambda: heard_then == [set(channels)])


async def test_everything_published_after_a_gap_was_reported_is_heard(
    line: Line, valkey: "Redis[bytes]"
) -> None:
    channels = [f"c{number}" for number in range(100)]
    await line.bus.subscribe(channels)

    for _ in range(5):
        before = len(line.ears.gaps)
        await valkey.execute_command("CLIENT", "KILL", "TYPE", "PUBSUB")
        await eventually(lambda before=before: len(line.ears.gaps) > before)
        line.ears.frames.clear()
        await line.bus.publish([(channel, b"1") for channel in channels])
        await eventually(lambda: sorted(line.ears.frames) == sorted((channel, b"1") for channel in channels))


async def test_a_subscribe_reply_that_nobody_waits_for_is_a_gap(line: Line) -> None:
    await line.bus.subscribe(["a"])

    line.bus._subscriber._link.write(packed(b"SUBSCRIBE", b"a"))

    await eventually(lambda: line.ears.gaps == [["a"]])


async def test_a_bus_that_does_not_answer_is_said_to_be_unavailable_and_heard_once_it_is_back(
    line: Line, valkey: "Redis[bytes]"
) -> None:
    await line.bus.subscribe(["a"])
    await valkey.execute_command("CLIENT", "PAUSE", 1_000, "ALL")

    with pytest.raises(Unavailable):
        await line.bus.publish([("a", b"1")])
    with pytest.raises(Unavailable):
        await line.bus.subscribe(["b"])

    await eventually(lambda: any("b" in gap for gap in line.ears.gaps))
    line.ears.frames.clear()
    await line.bus.publish([("b", b"2")])
    await eventually(lambda: ("b", b"2") in line.ears.frames)


async def test_frames_of_one_turn_are_one_message_a_channel(line: Line, valkey: "Redis[bytes]") -> None:
    await line.bus.subscribe(["a"])
    counted = await valkey.info("commandstats")

    for number in range(100):
        line.bus.send("a", b"%d" % number)
    await eventually(lambda: len(line.ears.frames) == 100)
    after = await valkey.info("commandstats")

    before = counted.get("cmdstat_publish", {"calls": 0})["calls"]
    assert after["cmdstat_publish"]["calls"] == before + 1
