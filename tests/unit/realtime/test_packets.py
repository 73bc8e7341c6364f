"""The quick reader of events and the one of everything agree, and neither takes what is no packet."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.engine import packets
from realtime.engine.packets import Malformed

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=10,
)
#: brackets, digits and a query are where two readers could differ
_NAMESPACE = st.just("/") | st.text('ab[]{}?1-é /"', max_size=8).map(lambda name: "/" + name)
_ID = st.none() | st.integers(0, 10**16 - 1)


@given(
    namespace=_NAMESPACE,
    ack_id=_ID,
    args=st.tuples(_TEXT).flatmap(lambda name: st.lists(_JSON, max_size=3).map(lambda rest: [*name, *rest])),
)
def test_both_readers_say_the_same_of_every_event(
    namespace: str, ack_id: int | None, args: list[object]
) -> None:
    body = orjson.dumps(args)
    named = "" if namespace == "/" else f"{namespace},"
    text = f"42{named}{'' if ack_id is None else ack_id}".encode() + body

    packet = packets.parse(text)

    assert packets.split_event(text) == (packet.namespace, packet.id, body)
    assert packets.event_args(body) == packet.data
    assert (packet.kind, packet.id, packet.attachments) == (packets.EVENT, ack_id, 0)
    assert packet.namespace == namespace.partition("?")[0]


@given(st.binary(max_size=40) | st.text('42/a,[]"{}:1?', max_size=24).map(str.encode))
def test_what_the_quick_reader_takes_the_other_reads_alike(tail: bytes) -> None:
    text = b"42" + tail
    try:
        namespace, ack_id, body = packets.split_event(text)
        data = packets.event_args(body)
    except Malformed:
        return
    packet = packets.parse(text)
    assert (namespace, ack_id, data) == (packet.namespace, packet.id, packet.data)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"4", id="empty"),
        pytest.param(b"47", id="kind"),
        pytest.param(b"42", id="no-payload"),
        pytest.param(b"42[]", id="no-name"),
        pytest.param(b'42{"a":1}', id="object"),
        pytest.param(b"42/a", id="namespace-alone"),
        pytest.param(b'42/\xff,["a"]', id="namespace-no-utf-8"),
        pytest.param(b'42["\xff"]', id="no-utf-8"),
        pytest.param(b'42["a"', id="half"),
        pytest.param(b'4212345678901234567["a"]', id="id-of-17-digits"),
        pytest.param(b'42-1["a"]', id="id-with-sign"),
    ],
)
def test_what_is_no_event_is_malformed_for_both(text: bytes) -> None:
    with pytest.raises(Malformed):
        packets.parse(text)
    with pytest.raises(Malformed):
        packets.event_args(packets.split_event(text)[2])


@pytest.mark.parametrize(
    "text",
    [b"43[1]", b'45["a"]', b'4599999-["a"]', b'451025-["a"]', b"41[1]", b'44{"message":"no"}', b"46-1[]"],
)
def test_other_packets_of_a_wrong_shape_are_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        packets.parse(text)


@pytest.mark.parametrize("num", [1, "0", None, 1.5, [0]])
def test_a_placeholder_for_nothing_is_malformed(num: object) -> None:
    with pytest.raises(Malformed):
        packets.insert(["a", {"_placeholder": True, "num": num}], [b"only"])


def test_what_is_nested_too_deep_for_placeholders_is_malformed() -> None:
    depth = 1_000
    packet = packets.parse(
        b'451-["a",' + b"[" * depth + b'{"_placeholder":true,"num":0}' + b"]" * depth + b"]"
    )

    with pytest.raises(Malformed):
        packets.insert(packet.data, [b"x"])


def test_attachments_come_back_where_they_were() -> None:
    sent = ["a", {"first": b"1", "more": [b"2", "text"]}]
    frame = packets.event("/n", list(sent))
    packet = packets.parse(frame.text)

    assert packet.attachments == 2
    assert packets.insert(packet.data, list(frame.attachments)) == sent
