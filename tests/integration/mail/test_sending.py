"""Messages on their way: by preference, once, through outages and deaths, with what became of them told."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from adapters.mail.none import NoMailer
from adapters.mail.sandbox import SandboxMailer
from adapters.mail.smtp import SmtpMailer
from bootstrap.settings import Settings
from bootstrap.wiring.mail import build_sending, open_mailer
from domain.accounts.requests import MAILS_TO_ONE, key_of
from domain.errors import Unavailable
from domain.ids import MailId, UserId
from domain.mail.ports import Mail, Mailer, MessageRefused
from domain.mail.sending import TAKEN, Sending
from domain.notifications.kinds import Category
from domain.notifications.preferences import Ways
from domain.ports import Tx
from domain.timers import TimerKind
from tasks.handlers import Apart
from tasks.runner import CONCURRENCY, TimerRunner
from tests.support.house import CONSOLE, LEASE, LINK_SECRET, House, Party
from tests.support.mail import mails_to
from tests.support.sandbox import SECRET_KEY

BOOKING = {
    "bookingId": "b" * 24,
    "title": "Focus",
    "start": "2026-05-08T15:00:00.000Z",
    "personName": "Ann",
}


async def tell(house: House, party: Party, kind: str = "booking_confirmed", **more: Any) -> None:
    async def work(tx: Tx) -> None:
        await house.calls.notifications.notify(
            tx, party.who.user_id, kind, params=BOOKING | {"hours": "24"}, **more
        )

    await house.stores.transact(work)


async def address_of(house: House, party: Party) -> str:
    async def work(tx: Tx) -> str:
        return (await house.stores.accounts.get(tx, party.who.user_id)).email

    return await house.stores.transact(work)


async def delivery(house: House, party: Party) -> dict[str, str]:
    page = await house.calls.notifications.page(party.who, before=None, unread_only=False, limit=1)
    return {channel.value: state.value for channel, state in page.items[0].delivery.items()}


async def rows(house: House) -> list[dict[str, Any]]:
    return [row async for row in house.stores.db["mails"].find()]


class Trial:
    """A mailer that does what it is told; ``after`` happens once the mail has arrived."""

    def __init__(
        self, inner: Mailer, error: Exception | None = None, after: BaseException | None = None
    ) -> None:
        self._inner = inner
        self.count = 0
        self.error, self.after = error, after

    async def send(self, mail: Mail) -> None:
        if self.error is not None:
            raise self.error
        self.count += 1
        await self._inner.send(mail)
        if self.after is not None:
            raise self.after


def sending_by(house: House, mailer: Mailer) -> Sending:
    return build_sending(house.stores, house.clock, mailer=mailer, secret=LINK_SECRET, console_url=CONSOLE)


def sandbox_mailer(house: House) -> SandboxMailer:
    return SandboxMailer(house.sandbox.url, SECRET_KEY, "Rapport <no-reply@rapport.test>")


async def test_a_notification_is_mailed_in_the_readers_zone(house: House) -> None:
    client = await house.client()
    address = await address_of(house, client)
    await house.stores.db["accounts"].update_one(
        {"email": address}, {"$set": {"time_zone": "Europe/Berlin", "locale": "de"}}
    )

    await tell(house, client)
    await house.run_due()

    (mail,) = await mails_to(house, address)
    assert mail["subject"] == "Bestätigt: „Focus“"
    assert "17:00 (Mitteleuropäische Sommerzeit)" in mail["text"]
    assert await delivery(house, client) == {"socket": "pending", "email": "sent"}


async def test_what_a_person_switched_off_is_not_mailed(house: House) -> None:
    client = await house.client()
    await house.calls.notifications.prefer(client.who, {Category.BOOKINGS: Ways(email=False)})

    await tell(house, client)
    await tell(house, client, "booking_reminder")
    await house.run_due()

    subjects = [mail["subject"] for mail in await mails_to(house, await address_of(house, client))]
    assert subjects == ["Soon: “Focus”"]


async def test_a_transaction_that_fails_sends_nothing(house: House) -> None:
    client = await house.client()

    async def work(tx: Tx) -> None:
        await house.calls.notifications.notify(tx, client.who.user_id, "booking_confirmed", params=BOOKING)
        raise Unavailable("Something else went wrong.")

    with pytest.raises(Unavailable):
        await house.stores.transact(work)
    await house.run_due()

    assert await rows(house) == []
    assert await mails_to(house, await address_of(house, client)) == []


async def test_text_messages_are_not_sent_and_say_so(house: House) -> None:
    client = await house.client()
    await house.stores.db["accounts"].update_one(
        {"email": await address_of(house, client)}, {"$set": {"phone": "+4930123456"}}
    )
    await house.calls.notifications.prefer(client.who, {Category.BOOKINGS: Ways(email=False, sms=True)})

    await tell(house, client)
    await house.run_due()

    assert await delivery(house, client) == {"socket": "pending", "sms": "not_configured"}


async def test_without_a_number_a_text_message_reaches_nobody(house: House) -> None:
    client = await house.client()
    await house.calls.notifications.prefer(client.who, {Category.BOOKINGS: Ways(email=False, sms=True)})

    await tell(house, client)
    await house.run_due()

    assert (await delivery(house, client))["sms"] == "unreachable"


async def test_an_address_that_nobody_proved_gets_no_notifications(house: House) -> None:
    client = await house.client()
    address = await address_of(house, client)
    await house.stores.db["accounts"].update_one({"email": address}, {"$set": {"email_verified": False}})

    await tell(house, client)
    await house.run_due()

    assert await mails_to(house, address) == []
    assert (await delivery(house, client))["email"] == "unreachable"


async def test_a_mail_waits_for_a_server_that_is_down(house: House) -> None:
    client = await house.client()
    await tell(house, client)
    (row,) = await rows(house)
    trial = Trial(sandbox_mailer(house), error=Unavailable("down"))
    sending, mail_id = sending_by(house, trial), MailId(str(row["_id"]))

    with pytest.raises(Unavailable):
        await sending.send(mail_id)
    trial.error = None
    await sending.send(mail_id)
    key = key_of("notifications", client.who.user_id)
    counted = await house.stores.mail_requests.bump({key: 1}, house.clock.wall())

    assert counted == {key: 2}
    assert len(await mails_to(house, await address_of(house, client))) == 1
    assert (await delivery(house, client))["email"] == "sent"


async def test_a_mail_refused_for_good_is_told_and_never_tried_again(house: House) -> None:
    client = await house.client()
    await tell(house, client)
    (row,) = await rows(house)
    trial = Trial(sandbox_mailer(house), error=MessageRefused("no such mailbox"))
    sending, mail_id = sending_by(house, trial), MailId(str(row["_id"]))

    await sending.send(mail_id)
    trial.error = None
    await sending.send(mail_id)

    assert await mails_to(house, await address_of(house, client)) == []
    assert (await delivery(house, client))["email"] == "refused"


async def test_who_dies_after_the_server_took_a_mail_sends_it_again_as_the_same_mail(house: House) -> None:
    client = await house.client()
    await tell(house, client)
    (row,) = await rows(house)
    mail_id = MailId(str(row["_id"]))

    with pytest.raises(asyncio.CancelledError):
        await sending_by(house, Trial(sandbox_mailer(house), after=asyncio.CancelledError())).send(mail_id)
    await house.run_due()
    before = await delivery(house, client)
    await house.pass_time(TAKEN.total_seconds())

    (mail,) = await mails_to(house, await address_of(house, client))
    assert mail["message_id"] == f"<{mail_id}@rapport.test>"
    assert before["email"] == "pending"
    assert (await delivery(house, client))["email"] == "sent"


async def test_of_many_who_want_to_send_a_mail_one_does(house: House) -> None:
    client = await house.client()
    await tell(house, client)
    (row,) = await rows(house)
    trial = Trial(sandbox_mailer(house))
    senders = [sending_by(house, trial) for _ in range(6)]

    sent = await asyncio.gather(
        *(one.send(MailId(str(row["_id"]))) for one in senders), return_exceptions=True
    )

    # Whoever came while it was being sent comes again; whoever came later found it done.
    assert all(one is None or isinstance(one, Unavailable) for one in sent)
    assert trial.count == 1


async def test_a_mail_server_that_hangs_holds_up_nothing_else(house: House) -> None:
    hanging, released = asyncio.Event(), asyncio.Event()
    ran: list[str] = []

    async def hang(keys: Sequence[str]) -> Mapping[str, Exception]:
        hanging.set()
        await released.wait()
        return {}

    async def ring(key: str) -> None:
        ran.append(key)

    handlers = {TimerKind.MAIL: Apart(hang, size=4, slots=2), TimerKind.RING_TIMEOUT: ring}
    runner = TimerRunner(house.stores.timers, handlers)

    async def arm(tx: Tx) -> None:
        for number in range(CONCURRENCY + 8):
            tx.arm(TimerKind.MAIL, f"m{number}", house.clock.now())
        tx.arm(TimerKind.RING_TIMEOUT, "r", house.clock.now())

    await house.stores.transact(arm)
    shards = await house.stores.db["timers"].distinct("shard", {"due_at": {"$ne": None}})
    timers = [one for shard in shards for one in await house.stores.timers.claim_due(shard, 500, LEASE)]
    mails = asyncio.create_task(
        runner.run(TimerKind.MAIL, [one for one in timers if one.kind is TimerKind.MAIL])
    )
    await hanging.wait()
    await runner.run(TimerKind.RING_TIMEOUT, [one for one in timers if one.kind is TimerKind.RING_TIMEOUT])
    released.set()
    await mails

    assert ran == ["r"]


async def test_nobody_gets_more_than_a_mail_a_minute_and_the_page_shows_all(house: House) -> None:
    client, other = await house.client(), await house.client()
    key = key_of("notifications", client.who.user_id)
    for _ in range(MAILS_TO_ONE - 1):
        await house.stores.mail_requests.bump({key: 1}, house.clock.wall())
    await tell(house, client)
    await house.run_due()
    await tell(house, client)
    await tell(house, other)
    await house.run_due()
    limited = await delivery(house, client)
    house.clock.advance(3600)
    await tell(house, client)
    await house.run_due()

    assert limited["email"] == "too_many"
    assert (await delivery(house, other))["email"] == "sent"
    assert len(await mails_to(house, await address_of(house, client))) == 2


async def test_counting_from_many_places_at_once_misses_nobody(house: House) -> None:
    bump, now = house.stores.mail_requests.bump, house.clock.wall()
    alone = await asyncio.gather(*(bump({"k": 1}, now) for _ in range(20)))
    several = await asyncio.gather(*(bump({"k": 1, "m": 2}, now) for _ in range(20)))

    assert sorted(count["k"] for count in alone) == list(range(1, 21))
    assert (max(count["k"] for count in several), max(count["m"] for count in several)) == (40, 40)
    assert await bump({"k": 1, "m": 1}, now) == {"k": 41, "m": 41}


async def test_a_mail_that_is_done_is_left_alone(house: House) -> None:
    client = await house.client()
    await tell(house, client)
    await house.run_due()
    (row,) = await rows(house)
    await house.sandbox.session.delete(
        f"{house.sandbox.url}/mailbox/messages", headers={"Authorization": f"Bearer {SECRET_KEY}"}
    )

    await sending_by(house, sandbox_mailer(house)).send(MailId(str(row["_id"])))
    await sending_by(house, sandbox_mailer(house)).send(MailId("0" * 24))

    assert await mails_to(house, await address_of(house, client)) == []


async def test_a_notification_deleted_meanwhile_does_not_come_back(house: House) -> None:
    client = await house.client()
    await tell(house, client)
    (shown,) = (
        await house.calls.notifications.page(client.who, before=None, unread_only=False, limit=1)
    ).items
    await house.calls.notifications.delete(client.who, shown.id)

    await house.run_due()

    assert await house.stores.db["notifications"].count_documents({}) == 0


async def test_a_notification_is_not_mailed_once_it_is_not_worth_reading(house: House) -> None:
    client = await house.client()
    await tell(house, client, keep=timedelta(hours=1))
    house.clock.advance(3600)

    await house.run_due()

    assert await mails_to(house, await address_of(house, client)) == []
    assert (await rows(house))[0]["state"] == "expired"


async def test_a_wrong_kind_and_a_missing_parameter_are_noticed_where_they_are_made(house: House) -> None:
    async def wrong(tx: Tx, kind: str) -> None:
        await house.calls.notifications.notify(tx, UserId("0" * 24), kind, params={})

    with pytest.raises(ValueError, match="no kind"):
        await house.stores.transact(lambda tx: wrong(tx, "no_such_kind"))
    with pytest.raises(ValueError, match="needs bookingId"):
        await house.stores.transact(lambda tx: wrong(tx, "booking_confirmed"))


async def test_the_settings_choose_who_takes_mail(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = open_mailer(Settings(), house.clock)
    monkeypatch.setenv("STRIPE_ADDRESS", house.sandbox.url)
    monkeypatch.setenv("STRIPE_SECRET_KEY", SECRET_KEY)
    sandbox = open_mailer(Settings(), house.clock)
    monkeypatch.setenv("RAPPORT_SMTP_HOST", "mail.test")
    smtp = open_mailer(Settings(), house.clock)

    assert [type(one) for one in (nobody, sandbox, smtp)] == [NoMailer, SandboxMailer, SmtpMailer]
