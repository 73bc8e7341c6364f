"""Messages that are sent together share round trips to the database, and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from domain.accounts.requests import MAILS_TO_ONE, key_of
from domain.errors import Unavailable
from domain.ids import MailId
from domain.mail.outgoing import OutgoingState
from domain.mail.ports import Mail
from domain.mail.sending import TAKEN
from domain.timers import DueTimer, TimerKind
from tasks.handlers import Apart
from tasks.runner import TimerRunner
from tests.integration.mail.test_sending import address_of, delivery, rows, sandbox_mailer, sending_by, tell
from tests.support.house import LEASE, House, Party
from tests.support.mail import mails_to


class Picky:
    """A mailer that first asks ``before`` about each mail, and counts what it has sent on."""

    def __init__(self, house: House, before: Callable[[Mail], Awaitable[None]]) -> None:
        self._inner = sandbox_mailer(house)
        self._before = before
        self.sent: list[str] = []

    async def send(self, mail: Mail) -> None:
        await self._before(mail)
        await self._inner.send(mail)
        self.sent.append(mail.to)


async def told(house: House, count: int) -> tuple[list[Party], list[str], list[MailId]]:
    """People, their addresses, and a mail for each of them."""
    people = [await house.client(card=None) for _ in range(count)]
    for person in people:
        await tell(house, person)
    by_person = {str(row["user_id"]): MailId(str(row["_id"])) for row in await rows(house)}
    return (
        people,
        [await address_of(house, person) for person in people],
        [by_person[person.who.user_id] for person in people],
    )


async def states(house: House, mails: Sequence[MailId]) -> list[str]:
    by_id = {str(row["_id"]): str(row["state"]) for row in await rows(house)}
    return [by_id[mail_id] for mail_id in mails]


async def test_one_that_fails_comes_again_and_the_others_are_done(house: House) -> None:
    people, addresses, mails = await told(house, 3)
    down: list[Exception] = [Unavailable("down")]

    async def before(mail: Mail) -> None:
        if mail.to == addresses[1] and down:
            raise down.pop()

    mailer = Picky(house, before)
    sending = sending_by(house, mailer)
    first = await sending.send_all(mails)
    between = await states(house, mails)
    second = await sending.send_all(mails)

    assert (list(first), between, second) == ([mails[1]], ["sent", "pending", "sent"], {})
    assert sorted(mailer.sent) == sorted(addresses)
    assert [(await delivery(house, person))["email"] for person in people] == ["sent"] * 3
    counts = await house.stores.mail_requests.bump(
        {key_of("notifications", person.who.user_id): 1 for person in people}, house.clock.wall()
    )
    assert set(counts.values()) == {2}


async def test_one_without_words_is_our_mistake_and_nobody_elses(house: House) -> None:
    _, addresses, mails = await told(house, 3)
    await house.stores.db["mails"].update_one(
        {"user_id": {"$exists": True}}, {"$set": {"kind": "unheard_of"}}
    )
    wrong = next(MailId(str(row["_id"])) for row in await rows(house) if row["kind"] == "unheard_of")

    await house.run_due()

    timers = [row["key"] async for row in house.stores.db["timers"].find({"kind": "mail"})]
    assert timers == [wrong]
    assert [state for state in await states(house, mails) if state == "sent"] == ["sent"] * 2
    assert len([1 for address in addresses for _ in await mails_to(house, address)]) == 2


async def test_what_is_sent_is_noted_while_another_mail_hangs(house: House) -> None:
    _, addresses, mails = await told(house, 2)
    hanging, released = asyncio.Event(), asyncio.Event()

    async def before(mail: Mail) -> None:
        if mail.to == addresses[0]:
            hanging.set()
            await released.wait()

    sending = asyncio.create_task(sending_by(house, Picky(house, before)).send_all(mails))
    async with asyncio.timeout(20):
        await hanging.wait()
        while (await states(house, mails))[1] != "sent":  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)
    during = await states(house, mails)
    released.set()

    assert await sending == {}
    assert (during, await states(house, mails)) == (["pending", "sent"], ["sent", "sent"])


async def test_of_many_who_want_to_send_the_same_mails_each_is_sent_by_one(house: House) -> None:
    _, addresses, mails = await told(house, 5)

    async def before(mail: Mail) -> None:
        await asyncio.sleep(0)

    mailer = Picky(house, before)
    failed = await asyncio.gather(
        *(sending_by(house, mailer).send_all(mails[n:] + mails[:n]) for n in range(5))
    )

    assert sorted(mailer.sent) == sorted(addresses)
    assert all(isinstance(error, Unavailable) for some in failed for error in some.values())
    assert await states(house, mails) == ["sent"] * 5


async def test_one_that_somebody_else_has_ended_meanwhile_stays_as_it_is(house: House) -> None:
    people, addresses, mails = await told(house, 2)

    async def before(mail: Mail) -> None:
        if mail.to == addresses[0]:
            await house.stores.db["mails"].update_one(
                {"_id": {"$in": [row["_id"] for row in await rows(house) if str(row["_id"]) == mails[0]]}},
                {"$set": {"state": OutgoingState.REFUSED.value}},
            )

    failed = await sending_by(house, Picky(house, before)).send_all(mails)

    assert failed == {}
    assert await states(house, mails) == ["refused", "sent"]
    assert [(await delivery(house, person))["email"] for person in people] == ["pending", "sent"]


async def test_the_limit_of_an_hour_holds_among_mails_that_are_sent_together(house: House) -> None:
    client, other = await house.client(card=None), await house.client(card=None)
    await house.stores.mail_requests.bump(
        {key_of("notifications", client.who.user_id): MAILS_TO_ONE - 2}, house.clock.wall()
    )
    for party in (client, other, client, client, client):
        await tell(house, party)

    await house.run_due()

    assert len(await mails_to(house, await address_of(house, client))) == 2
    assert len(await mails_to(house, await address_of(house, other))) == 1
    assert sorted(str(row["state"]) for row in await rows(house)) == ["sent"] * 3 + ["too_many"] * 2


async def test_who_dies_over_a_batch_leaves_it_to_others_after_a_while(house: House) -> None:
    _, addresses, mails = await told(house, 3)
    reached = asyncio.Event()

    async def hang(mail: Mail) -> None:
        reached.set()
        await asyncio.Event().wait()

    dying = asyncio.create_task(sending_by(house, Picky(house, hang)).send_all(mails))
    await reached.wait()
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    mailer = Picky(house, lambda mail: asyncio.sleep(0))
    at_once = await sending_by(house, mailer).send_all(mails)
    house.clock.advance(TAKEN.total_seconds())
    later = await sending_by(house, mailer).send_all(mails)

    assert (set(at_once), later) == (set(mails), {})
    assert sorted(mailer.sent) == sorted(addresses)


async def test_a_bug_that_one_makes_all_of_a_batch_meet_keeps_only_that_one(house: House) -> None:
    ran: list[str] = []

    async def together(keys: Sequence[str]) -> Mapping[str, Exception]:
        if "bad" in keys:
            raise ValueError("a bug of ours")
        ran.extend(keys)
        return {}

    async def arm(tx: Any) -> None:
        for key in ("a", "bad", "b"):
            tx.arm(TimerKind.MAIL, key, house.clock.now())

    await house.stores.transact(arm)
    timers: list[DueTimer] = await house.stores.timers.claim_few(9, LEASE) or []
    runner = TimerRunner(house.stores.timers, {TimerKind.MAIL: Apart(together, size=8, slots=1)})
    await runner.run(TimerKind.MAIL, timers)

    left = [row async for row in house.stores.db["timers"].find({"kind": "mail"})]
    assert sorted(ran) == ["a", "b"]
    assert [(row["key"], row["due_at"] > house.clock.now()) for row in left] == [("bad", True)]
    assert dict(runner.outcomes) == {("mail", "ok"): 2, ("mail", "failed"): 1}


async def test_an_outage_that_a_whole_batch_meets_is_waited_out_by_all_of_it(house: House) -> None:
    tried: list[Sequence[str]] = []

    async def together(keys: Sequence[str]) -> Mapping[str, Exception]:
        tried.append(keys)
        raise Unavailable("down")

    async def arm(tx: Any) -> None:
        for number in range(5):
            tx.arm(TimerKind.MAIL, f"m{number}", house.clock.now())

    await house.stores.transact(arm)
    timers: list[DueTimer] = await house.stores.timers.claim_few(9, LEASE) or []
    runner = TimerRunner(house.stores.timers, {TimerKind.MAIL: Apart(together, size=3, slots=1)})
    await runner.run(TimerKind.MAIL, timers)

    assert [len(keys) for keys in tried] == [3, 2]
    assert dict(runner.outcomes) == {("mail", "waiting"): 5}
