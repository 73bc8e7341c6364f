"""Bad input on every socket event of the running program: the documented error, an ack always, nothing changed.

The cases are made from the document that the server publishes, and judged by it.
"""

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest

from adapters.tokens import JwtAccessTokens
from domain.accounts.account import Account, Role
from domain.accounts.revocations import RevokedTokens
from domain.errors import Code
from domain.ids import UserId, new_id
from tests.support.nonsense import Payloads
from tests.support.program import Person, Program, Tab, eventually
from tests.support.wire import INTERNAL, Closed, RawSocket, auth_of, connected, raw_socket

SEED = "rapport"
#: Bytes; beyond 64 KiB there is no answer, see the tests of garbage.
LARGEST = 60_000
ROUNDS = 10
#: Clients and coaches each, with a socket in each namespace of each server.
PEOPLE = 6
#: Two from each socket: what the strictest rate lets through at once.
FEWEST_JUDGED = 2 * 2 * 2 * PEOPLE
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#: What processes write about themselves, and how far somebody says to have read their own feed.
RESTLESS = {"processes", "process_samples", "leases", "seen"}


@dataclass
class Victims:
    """Two people in a call of their own, and what somebody else may know of it."""

    client: Person
    coach: Person
    session: str
    card: str
    seats: tuple[Tab, Tab]
    tabs: tuple[Tab, Tab]

    @property
    def heard(self) -> list[tuple[str, Any]]:
        return [event for tab in (*self.seats, *self.tabs) for event in tab.heard]


@dataclass
class Judge:
    """Holds acknowledgements against the published document."""

    document: dict[str, Any]
    judged: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._error = jsonschema_rs.validator_for(self.document["components"]["schemas"]["ErrorAck"])

    def messages(self, namespace: str) -> dict[str, dict[str, Any]]:
        """The client's events of a namespace."""
        found = self.document["channels"][namespace.strip("/")]["messages"]
        return {one["name"]: one for name, one in found.items() if name.startswith("client.")}

    def judge(self, namespace: str, event: dict[str, Any], payload: Any, ack: Any) -> None:
        """Note whatever is wrong with an answer."""
        name = f"{namespace} {event['name']}"
        code = "ok" if ack["ok"] else str(ack["error"]["code"])
        self.codes[code] += 1
        self.judged[name] += code != Code.RATE_LIMITED
        if problem := self._problem(event, payload, ack, code):
            self.faults.append(f"{name} {json.dumps(payload)[:200]}: {problem}: {json.dumps(ack)[:300]}")

    def _problem(self, event: dict[str, Any], payload: Any, ack: Any, code: str) -> str | None:
        text = json.dumps(ack)
        if any(word in text for word in INTERNAL) or "x" * 50 in text:
            return "says something about us, or repeats what was sent"
        fits = jsonschema_rs.is_valid(event["payload"], payload)
        if ack["ok"]:
            return None if fits else "took what does not match its schema"
        if not self._error.is_valid(ack):
            return "is no error acknowledgement"
        if code not in event["x-error-codes"] or code in (Code.INTERNAL, Code.UNAVAILABLE):
            return "has a code that was not expected"
        if fits or code in (Code.RATE_LIMITED, Code.FORBIDDEN):
            return None
        return None if code == Code.INVALID_PAYLOAD else "was handled although it does not match its schema"


@pytest.fixture
async def document(program: Program) -> dict[str, Any]:
    """What the server publishes."""
    async with program.http.get(f"{program.urls[0]}/asyncapi.json") as answer:
        found: dict[str, Any] = await answer.json()
        return found


@pytest.fixture
async def victims(program: Program) -> Victims:
    """A call that is accepted and joined, across both servers."""
    client = await program.client()
    coach, desk = await program.online_coach(at=1)
    tab = await program.tab(client)
    ask = {"coachId": coach.coach_id, "clientRequestId": new_id()}
    session = (await tab.done("live_session_request", ask))["sessionId"]
    await desk.done("live_session_accept", {"sessionId": session})
    seats = await program.seats(client, coach, session)
    await seats[0].until("live-peer-joined")
    (card,) = await client.rest.cards()
    return Victims(client, coach, session, card.id, seats, (tab, desk))


@pytest.fixture
async def fuzzers(program: Program) -> list[Person]:
    """People who may do nothing that costs: clients without a card, coaches who are not verified."""
    clients = [program.client(card=None) for _ in range(PEOPLE)]
    return await asyncio.gather(*clients, *(program.coach(verified=False) for _ in range(PEOPLE)))


def expired_token(program: Program, person: Person) -> str:
    """A token that was good an hour ago, signed with the right key."""
    tokens = JwtAccessTokens(program.inside.settings.needed_secret("secret_key").encode(), RevokedTokens())
    long_ago = program.inside.clock.wall() - timedelta(hours=1)
    who = UserId(person.user_id)
    account = Account(who, person.email, "", Role.CLIENT, "", created_at=long_ago)
    return tokens.issue(account, None, "0" * 24, long_ago)


async def _state(program: Program, but: list[Person]) -> dict[str, Any]:
    """All documents, but for what ``but`` were told and the schedule that is always there."""
    own = {person.user_id for person in but}
    found: dict[str, Any] = {}
    for name in await program.db.list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}}):
        async for row in program.db[name].find():
            about = row.get("to") or {}
            theirs = str(row["_id"]) in own or (isinstance(about, dict) and str(about.get("id")) in own)
            scheduled = name == "timers" and row["kind"] == "ledger_check"
            if not (name in RESTLESS or scheduled or (theirs and name in ("events", "user_feeds"))):
                found[f"{name} {row['_id']}"] = row
    return found


async def _at_rest(program: Program) -> bool:
    """Whether the gateway has told everything, all of it has been acted on, and what was told of that is noted."""
    async with program.http.get(f"{program.running.sandbox_url}/_sandbox/summary") as answer:
        told = (await answer.json())["webhooks_waiting"] == 0
    waiting = {"kind": {"$nin": ["ledger_check", "join_timeout"]}}
    left = await program.db["timers"].count_documents(waiting)
    return told and left + await program.db["events"].count_documents({"published": False}) == 0


# --- every event ------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(180)
async def test_nonsense_on_every_event_is_answered_as_published_and_changes_nothing(
    program: Program, document: dict[str, Any], victims: Victims, fuzzers: list[Person], sound: None
) -> None:
    judge = Judge(document)
    words = _words(program, victims)
    await eventually(lambda: _at_rest(program), seconds=60)
    before, heard = await _state(program, fuzzers), list(victims.heard)

    async with AsyncExitStack() as stack:
        jobs = [
            _fuzz(
                await connected(stack, program.http, program.urls, person, at, namespace),
                judge,
                f"{SEED} {number} {at}",
                words,
            )
            for number, person in enumerate(fuzzers)
            for at in (0, 1)
            for namespace in ("/notifications", "/live", "/video")
        ]
        await asyncio.gather(*jobs)

    after = await _state(program, fuzzers)
    print(f"{sum(judge.codes.values())} cases: {dict(judge.codes.most_common())}")
    assert judge.faults == []
    assert {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} == set()
    assert victims.heard == heard
    assert min(judge.judged.values()) >= FEWEST_JUDGED, judge.judged


def _words(program: Program, victims: Victims) -> list[str]:
    """What text fields are filled with: other people's identifiers and tokens among them."""
    ids = [
        victims.session,
        victims.card,
        victims.client.user_id,
        victims.coach.user_id,
        victims.coach.coach_id,
    ]
    tokens = [victims.client.tokens.access_token, expired_token(program, victims.client), "a.b.c"]
    signals = [
        SDP,
        SDP + "a=x\r\n" * 8_000,
        "no sdp",
        "candidate:1 1 udp 1 192.0.2.1 1 typ host",
        "c" * 2_000,
    ]
    known = [
        "online",
        "offline",
        "connected",
        "offer",
        "answer",
        "rollback",
        "USD",
        "EUR",
        victims.seats[0].device,
    ]
    return [*ids, new_id(), *tokens, *signals, *known]


async def _fuzz(socket: RawSocket, judge: Judge, seed: str, words: list[str]) -> None:
    events = judge.messages(socket.namespace)
    spoilt = {
        name: Payloads(f"{seed} {name}", words).spoilt(event["payload"]) for name, event in events.items()
    }
    for _ in range(ROUNDS):
        for name, event in events.items():
            payload = next(one for one in spoilt[name] if len(json.dumps(one)) < LARGEST)
            try:
                judge.judge(socket.namespace, event, payload, await socket.ask(name, payload))
            except Closed as closed:
                judge.faults.append(f"{name} {json.dumps(payload)[:200]}: {closed} instead of an answer")
                return


# --- what no schema speaks of ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("namespace", ["/notifications", "/live", "/video"])
async def test_every_other_name_and_number_of_arguments_is_refused(
    program: Program, document: dict[str, Any], sound: None, namespace: str
) -> None:
    person = await program.client(card=None)
    names = [
        *document["x-reserved-events"],
        "message",
        "__class__",
        "",
        "*",
        "token_refresh ",
        "Ω",
        "x" * 10_000,
    ]
    forged = [{"token": "forged", "deviceId": "x"}, {"REMOTE_ADDR": "127.0.0.1"}, "transport close", None]
    codes: list[str] = []
    counts: list[str] = []

    async with AsyncExitStack() as stack:
        socket = await connected(stack, program.http, program.urls, person, 0, namespace)
        for name in names:
            codes += [(await socket.ask(name, argument))["error"]["code"] for argument in forged]
        other = await connected(stack, program.http, program.urls, person, 1, namespace)
        for name in (None, 7, ["connect"], {"name": "connect"}, True):
            codes.append((await other.ask(name, {}))["error"]["code"])
        for name in Judge(document).messages(namespace):
            counts += [
                (await other.ask(name, {}, {}))["error"]["code"],
                (await other.ask(name, *[1] * 50))["error"]["code"],
            ]

    assert set(codes) == {"UNKNOWN_EVENT"}
    assert set(counts) <= {"INVALID_PAYLOAD", "FORBIDDEN"}


async def test_binary_huge_numbers_and_deep_nesting_are_refused_like_any_other_payload(
    program: Program, sound: None
) -> None:
    person = await program.client(card=None)
    texts = [
        '["notifications_ack",{"seq":1' + "0" * 5_000 + "}]",
        '["notifications_ack",{"seq":1e400}]',
        '["live_session_cancel",' + "[" * 900 + "]" * 900 + "]",
        '["live_session_cancel",{"sessionId":"a","sessionId":"b"}]',
    ]
    acks: list[Any] = []

    async with AsyncExitStack() as stack:
        for text in texts:
            socket = await connected(stack, program.http, program.urls, person, 0, "/notifications")
            try:
                acks.append((await socket.ask_text(text))["error"]["code"])
            except Closed:
                acks.append("closed")
        socket = await connected(stack, program.http, program.urls, person, 1, "/notifications")
        placeholder = '["notifications_ack",{"seq":{"_placeholder":true,"num":0}}]'
        binary = await socket.ask_text(placeholder, attachments=(b"\xff" * 100,))

    assert binary["error"]["code"] == "INVALID_PAYLOAD"
    assert acks[3] == "INVALID_PAYLOAD"
    # Numbers and depths that no JSON parser must take are no JSON: such a connection is closed, like for any other garbage.
    assert set(acks[:3]) <= {"INVALID_PAYLOAD", "closed"}


async def test_whoever_is_not_connected_to_a_namespace_is_told_so(program: Program, sound: None) -> None:
    client = await program.client(card=None)
    refused: list[Any] = []

    async with raw_socket(program.http, program.urls[0]) as socket:
        early = await socket.ask("notifications_read", {"all": True}, namespace="/notifications")
        for namespace, auth in (
            ("/admin", auth_of(client)),
            ("/video/../live", auth_of(client)),
            ("/live", auth_of(client, token=expired_token(program, client))),
            ("/live", auth_of(client, token=client.tokens.access_token[:-2] + "xx")),
        ):
            refused.append(
                json.loads((await socket.connect(namespace, auth)).split(",", 1)[1])["data"]["code"]
            )
        late = await socket.ask("live-session-end", {"sessionId": new_id()}, namespace="/live")

    assert early["error"]["code"] == late["error"]["code"] == "UNAUTHENTICATED"
    assert refused == ["NOT_FOUND", "NOT_FOUND", "TOKEN_EXPIRED", "UNAUTHENTICATED"]


async def test_what_a_participant_may_not_send_never_reaches_the_other(
    program: Program, victims: Victims, sound: None
) -> None:
    caller, callee = victims.seats
    ref = {"sessionId": victims.session, "epoch": 0}
    offer = {"type": "offer", "sdp": SDP}
    heard = list(callee.heard)

    codes = [
        await caller.code(
            "live-signal", {**ref, "description": {"type": "offer", "sdp": SDP + "a=x\r\n" * 8_000}}
        ),
        await caller.code("live-signal", {**ref, "description": {"type": "answer", "sdp": SDP}}),
        await caller.code("live-signal", {**ref, "description": {"type": "rollback", "sdp": SDP}}),
        await caller.code("live-signal", {**ref, "description": {"type": "offer", "sdp": "no sdp"}}),
        await caller.code(
            "live-signal", {**ref, "candidate": {"candidate": "candidate:1 1 udp 1 192.0.2.1 1 typ host"}}
        ),
        await caller.code("live-signal", {**ref, "epoch": 5, "description": offer}),
        await caller.code("live-signal", {**ref, "sessionId": new_id(), "description": offer}),
        await caller.code("live-signal", {**ref, "description": offer, "candidate": {"candidate": ""}}),
        await caller.code("live-media-state", {**ref, "epoch": 9, "state": "connected"}),
        await caller.code("live-payment-method", {"sessionId": victims.session, "paymentMethodId": new_id()}),
    ]

    assert codes == [
        "INVALID_PAYLOAD", "ILLEGAL_SIGNAL", "ILLEGAL_SIGNAL", "INVALID_PAYLOAD", "ILLEGAL_SIGNAL",
        "STALE_EPOCH", "NOT_JOINED", "INVALID_PAYLOAD", "STALE_EPOCH", "NO_PAYMENT_METHOD",
    ]  # fmt: skip
    assert callee.heard == heard
