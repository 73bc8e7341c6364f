"""Two windows in two zones: hours, an offer, a booking, its payment, the session, overtime, receipts; and one called off."""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import FAST
from tests.browser.stage import Stage
from tests.support.program import Person, eventually
from tools.browser.talk import Talk
from tools.browser.window import Window

COACHS_ZONE, CLIENTS_ZONE = "America/New_York", "Asia/Kolkata"
OFFER = "Check-in"
#: Domain time runs twenty times as fast: enough to book and pay in, and as little as possible to wait for.
SPEED = int(FAST["RAPPORT_CLOCK_SPEED"])
SOON = timedelta(minutes=6)
#: Enough to come in and see each other before it begins.
SHORTLY = timedelta(minutes=5)
#: Real milliseconds that are enough for a session and what follows it.
A_SESSION = 90_000
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass
class Business:
    """A coach and a client of theirs, each at a window, far apart."""

    stage: Stage
    coach: Window
    client: Window

    async def asks(self, window: Window, method: str, path: str, **options: Any) -> Any:
        """What who sits at a window asks the server for, without a page in between."""
        person: Person = self.stage.who(window)
        headers = {"Authorization": f"Bearer {person.tokens.access_token}"}
        url = f"{self.stage.program.urls[0]}{path}"
        async with self.stage.program.http.request(method, url, headers=headers, **options) as answer:
            assert answer.status in (200, 201), await answer.text()
            return await answer.json()

    async def now(self) -> datetime:
        """Domain time."""
        return datetime.fromisoformat((await self.asks(self.client, "GET", "/api/about"))["serverTime"])

    async def first_start(self, after: timedelta) -> datetime:
        """The first free start that is so far away."""
        at = await self.now() + after
        coach = self.stage.who(self.coach).user_id
        (offer,) = (await self.asks(self.client, "GET", f"/api/coaches/{coach}/session-types"))["items"]
        query = {
            "sessionTypeId": offer["sessionTypeId"],
            "minutes": str(offer["durationDefault"]),
            "from": at.isoformat(),
            "to": (at + timedelta(hours=1)).isoformat(),
        }
        starts = await self.asks(self.client, "GET", f"/api/coaches/{coach}/starts", params=query)
        return datetime.fromisoformat(starts["items"][0]["start"])

    # --- the coach's side ---------------------------------------------------------------------------------------------

    async def opens_all_week(self) -> None:
        """Every day from midnight to midnight, in the coach's zone."""
        page = self.coach.page
        await page.goto("/calendar/hours")
        await page.get_by_label("Time zone").select_option(COACHS_ZONE)
        for day in DAYS:
            await page.get_by_role("button", name=f"Add hours on {day}").click()
            await page.get_by_label(f"{day}, start of span 1").fill("00:00")
            await page.get_by_label(f"{day}, end of span 1").fill("00:00")
        await page.get_by_role("button", name="Save the week").click()
        await self.coach.reads("Your week is saved.")

    async def offers(self, price: str, overtime: str) -> None:
        """Ten minutes at a price, firm at once and without notice."""
        page = self.coach.page
        await page.goto("/calendar/offers/new")
        fields = {
            "Name in English": OFFER,
            "Price (USD)": price,
            "A minute of overtime (USD)": overtime,
            "Shortest (minutes)": "10",
            "Usual (minutes)": "10",
            "Longest (minutes)": "10",
            "Notice (minutes)": "0",
        }
        for label, value in fields.items():
            await page.get_by_label(label).fill(value)
        await page.get_by_role("button", name="Offer it").click()
        await expect(page.get_by_role("heading", name=OFFER)).to_be_visible()

    async def welcomes(self, code: str) -> None:
        """A code that takes a fifth off."""
        page = self.coach.page
        await page.goto("/calendar/prices")
        await page.get_by_role("button", name="Add a code").click()
        dialog = self.coach.dialog("New discount code")
        await dialog.get_by_role("textbox", name="Code").fill(code)
        await dialog.get_by_role("button", name="Make it").click()
        await self.coach.reads(code)

    # --- the client's side --------------------------------------------------------------------------------------------

    async def chooses(self, start: datetime) -> None:
        """The day and the time of it, as the client's own clock says them."""
        page, local = self.client.page, start.astimezone(ZoneInfo(CLIENTS_ZONE))
        await page.goto(f"/coaches/{self.stage.who(self.coach).user_id}")
        await page.get_by_role("button", name=re.compile(f"^{local:%A}, {local:%B} {local.day}\\b")).click()
        await page.get_by_role("button", name=clock(local), exact=True).click()

    async def books(self) -> str:
        """The booking's id, from the address that follows."""
        await self.client.presses("Book and pay")
        await expect(self.client.page).to_have_url(re.compile("/bookings/"))
        await self.client.reads("To be paid within")
        return self.client.page.url.rsplit("/", 1)[1]

    async def mailed(self, window: Window, subject: str) -> None:
        """Until the mailbox shows a mail to who sits at a window."""
        mailbox = f"{self.stage.program.running.sandbox_url}/mailbox"

        async def arrived() -> bool:
            query = {"to": window.email}
            async with self.stage.program.http.get(f"{mailbox}/messages", params=query) as answer:
                return any(mail["subject"] == subject for mail in (await answer.json())["data"])

        await eventually(arrived)
        page = await window.context.new_page()
        await page.goto(f"{mailbox}?to={window.email}")
        await expect(page.get_by_role("link", name=subject).first).to_be_visible()
        await page.close()

    # --- in the room --------------------------------------------------------------------------------------------------

    async def waits_for(self, start: datetime) -> None:
        """Until shortly before a session. Two pictures that nobody looks at meanwhile would cost more than all the rest."""
        await asyncio.sleep((start - SHORTLY - await self.now()).total_seconds() / SPEED)

    async def enter(self, booking: str) -> tuple[Talk, Talk]:
        """Both, while the door is open; until they see each other. The client's side first."""
        await self.client.page.get_by_role("link", name="Enter the room").click(timeout=A_SESSION)
        await self.coach.page.goto(f"/session/{booking}")
        for window in (self.client, self.coach):
            await window.page.get_by_role("button", name="Enter", exact=True).click()
        sides = Talk(self.client, self.coach.person), Talk(self.coach, self.client.person)
        for side in sides:
            await side.sees_the_other_move()
            await side.hears_the_other()
        return sides

    async def agree_on_more(self) -> None:
        """The coach asks for ten more minutes, the client says yes, a card is held."""
        await self.coach.page.get_by_role("button", name="Ask for more time").click(timeout=A_SESSION)
        await self.coach.page.get_by_label("How much more").select_option("10")
        await self.coach.page.get_by_role("button", name="Ask", exact=True).click()
        await self.client.reads(f"{self.coach.person} asks for 10 more minutes")
        await self.client.presses("Yes, hold $12.00")
        for window in (self.client, self.coach):
            await expect(window.page.get_by_role("heading", name="10 more minutes")).to_be_visible()


def clock(local: datetime) -> str:
    """``9:30 PM``, with the narrow space that browsers put there."""
    return f"{local:%I:%M}".removeprefix("0") + f"\u202f{local:%p}"


async def amount_on(page: Page, label: str) -> int:
    """Minor units, off a receipt that is settled."""
    bill = page.get_by_role("region", name="Amount").filter(has_text=label)
    text = await bill.get_by_text(re.compile(r"^\$[\d.]+$")).first.inner_text()
    return round(float(text.removeprefix("$")) * 100)


async def business(stage: Stage) -> Business:
    """Each at a server of their own."""
    coach = await stage.coach(at=1, time_zone=COACHS_ZONE)
    return Business(stage, coach, await stage.client(time_zone=CLIENTS_ZONE))


@pytest.mark.timeout(300)
async def test_a_session_from_the_first_hours_to_both_receipts(stage: Stage) -> None:
    two = await business(stage)
    coach, client = two.coach, two.client
    await two.opens_all_week()
    await two.offers("18.00", "1.20")
    await two.welcomes("WELCOME")
    await coach.page.goto("/requests")
    await coach.reads("Nothing is booked")

    start = await two.first_start(SOON)
    await two.chooses(start)
    await client.reads("$18.00")
    await client.page.get_by_text("I have a discount code").click()
    await client.page.get_by_label("Discount code").fill("welcome")
    await client.presses("Apply")
    await client.reads("Code WELCOME, −20%")
    booking = await two.books()
    await coach.reads("Waiting for payment")
    await client.presses("Pay on the payment page")
    await client.page.get_by_role("button", name="Pay 14.40 USD").click()
    await expect(client.page).to_have_url(re.compile(f"/bookings/{booking}"))
    await client.reads("Confirmed")
    await coach.reads("Confirmed")
    for window, zone in ((client, CLIENTS_ZONE), (coach, COACHS_ZONE)):
        await window.reads(re.compile(f"{clock(start.astimezone(ZoneInfo(zone)))[:-3]}\\b"))

    await two.mailed(client, f"Confirmed: “{OFFER}”")
    await two.waits_for(start)
    await two.enter(booking)
    await two.agree_on_more()
    for window in (client, coach):
        # Half a minute costs more than the least that the gateway charges.
        meter = window.page.get_by_text(re.compile(r"Overtime: (0:[3-5]\d|[1-9]:\d\d), \$"))
        await expect(meter).to_be_visible(timeout=A_SESSION)
    await client.presses("End the session for both")
    await client.dialog("End the session?").get_by_role("button", name="End it for both").click()
    for window in (client, coach):
        await expect(window.page.get_by_role("heading", name="The session is over")).to_be_visible()

    captured = await eventually(lambda: stage.captured(booking))
    room = client.page.url
    await client.page.get_by_role("link", name="Receipt of the overtime").click()
    paid = await amount_on(client.page, "You paid")
    await coach.page.get_by_role("link", name="Receipt of the overtime").click()
    earned = await amount_on(coach.page, "You earned")
    assert 0 < paid == captured < 1200
    assert 0 < earned < paid
    await client.page.goto(room)
    await client.page.get_by_role("link", name="Receipt", exact=True).click()
    await client.reads("Code WELCOME")
    assert await amount_on(client.page, "You paid") == 1440


@pytest.mark.timeout(200)
async def test_a_booking_called_off_says_before_what_comes_back(stage: Stage) -> None:
    two = await business(stage)
    coach, client = two.coach, two.client
    await two.opens_all_week()
    await two.offers("18.00", "1.20")
    await coach.page.goto("/requests")

    await two.chooses(await two.first_start(timedelta(days=2)))
    await two.books()
    await client.presses("Pay $18.00")
    await client.reads("Confirmed")
    await coach.reads("Confirmed")
    await client.presses("Cancel the booking")
    dialog = client.dialog("Cancel this booking?")
    await expect(dialog.get_by_text("All of it comes back: $18.00.")).to_be_visible()
    await dialog.get_by_role("button", name="Cancel the booking").click()

    await client.reads("You cancelled it.")
    await coach.reads("Nothing is booked")
    await client.page.get_by_role("link", name="Receipt", exact=True).click()
    await client.reads("Back: You cancelled")
    await client.reads(re.compile("Given back on"))
    assert await amount_on(client.page, "You paid") == 0
    await two.mailed(coach, f"Cancelled: “{OFFER}”")
