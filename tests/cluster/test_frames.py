"""Signals between processes: whatever a client may send arrives as it was meant, and what is no frame is refused."""

import json

import orjson
import pytest

from domain.calls.session import Side
from domain.calls.views import SocketRef
from domain.ids import SessionId
from realtime.cluster import frames
from signaling.relay import Candidate, Description, DescriptionType, Signal
from signaling.seats import Numbered
from tests.cluster.calls import Talk, candidate
from tests.support.realtime import World
from tests.support.sandbox import eventually

SESSION = SessionId("a" * 24)
BY = SocketRef("p1", "s1")
ARGS = b'["live-signal",{"sessionId":"x"}]'


@pytest.mark.parametrize(
    "signal",
    [Candidate("candidate:1"), *(Description(kind, "v=0") for kind in DescriptionType)],
    ids=lambda signal: getattr(signal, "type", "candidate"),
)
def test_a_signal_arrives_as_it_was_sent(signal: Signal) -> None:
    sent = Numbered(7, 2, signal, 6)

    heard = frames.decode(frames.encode(SESSION, Side.CALLEE, BY, "s2", sent, ARGS))

    assert (heard.session_id, heard.to, heard.by, heard.sid) == (SESSION, Side.CALLEE, BY, "s2")
    assert (heard.numbered.n, heard.numbered.epoch, heard.numbered.before) == (7, 2, 6)
    assert getattr(heard.numbered.signal, "type", None) == getattr(signal, "type", None)
    assert heard.args == ARGS


HEAD = [SESSION, "caller", "p1", "s1", "s2", 1, 0, 0, "candidate"]


@pytest.mark.parametrize(
    "frame",
    [
        b"[",
        b"[]\t[]",
        orjson.dumps(HEAD),
        orjson.dumps(HEAD) + b"\t{}",
        orjson.dumps(HEAD) + b"\t[1",
        orjson.dumps(HEAD) + b"\t[\xff]",
        orjson.dumps([*HEAD[:5], "1", 0, 0, "candidate"]) + b"\t[]",
        orjson.dumps([*HEAD[:8], "nonsense"]) + b"\t[]",
        orjson.dumps([SESSION, "nobody", *HEAD[2:]]) + b"\t[]",
    ],
)
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    assert frames.is_signal(frame)
    with pytest.raises((ValueError, KeyError, TypeError)):
        frames.decode(frame)


async def test_line_breaks_and_tabs_between_a_client_s_tokens_do_no_harm(world: World) -> None:
    one, two = await world.node("p1"), await world.node("p2")
    talk = await Talk.between(one, two)
    texts = [
        json.dumps(["live-signal", talk.signal(candidate=candidate(number))], indent=indent)
        for number, indent in enumerate(("\t", " ", None))
    ]

    for number, text in enumerate(texts):
        await talk.caller.client.eio.send(f"2/live,{number + 900}{text}")
    talk.sent = len(texts)

    await eventually(lambda: talk.whole)
    assert two.server.counts.bus_frames_refused == 0
