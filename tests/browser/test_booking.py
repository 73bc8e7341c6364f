"""A client books in the console: from a coach's page to the room, in a zone of their own, and away again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, expect

from domain.accounts.account import Role
from domain.ids import new_id
from tests.browser.manners import faults_of, faults_of_state
from tests.browser.stage import Stage
from tests.support.program import Person
from tools.browser.window import DESK, PHONE, Window

#: What the coaches of these tests offer: one dollar a minute, at any time, without notice.
TALK: dict[str, Any] = {
    "names": {"en": "First talk"},
    "descriptions": {"en": "Half an hour to get to know each other."},
    "price": {"amount": 3000, "currency": "USD"},
    "durationMin": 30,
    "durationDefault": 30,
    "durationMax": 60,
    "noticeMinutes": 0,
}
ALWAYS = [{"from": "00:00", "to": "24:00"}]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TOKYO = "Asia/Tokyo"


async def asks(stage: Stage, who: Person, method: str, path: str, body: object = None, **headers: str) -> Any:
    """What somebody does without a window."""
    known = {
        "Authorization": f"Bearer {who.tokens.access_token}",
        "Idempotency-Key": f"{path}-{method}"[-64:],
    }
    url = f"{stage.program.urls[0]}{path}"
    async with stage.program.http.request(method, url, json=body, headers=known | headers) as answer:
        assert answer.status < 300, await answer.text()
        return await answer.json()


async def now(stage: Stage) -> datetime:
    """Domain time."""
    async with stage.program.http.get(f"{stage.program.urls[0]}/api/about") as answer:
        return datetime.fromisoformat((await answer.json())["serverTime"])


async def selling_coach(stage: Stage, *, instant: bool = True) -> Person:
    """A coach who can be booked around the clock."""
    coach = await stage.person(Role.COACH)
    week = {
        "timeZone": "America/New_York",
        "weekly": dict.fromkeys(DAYS, ALWAYS),
        "instant": True,
        "exceptions": [],
    }
    await asks(stage, coach, "PUT", "/api/availability/schedule", week, **{"If-Match": '"0"'})
    await asks(stage, coach, "POST", "/api/session-types", TALK | {"instant": instant})
    return coach


async def chooses(page: Page, coach: Person, *, day: int = 4) -> str:
    """Open the coach's page, and press a day that is far enough away and its first time; what is then chosen."""
    await page.goto(f"/coaches/{coach.tokens.user.user_id}")
    form = page.get_by_role("form", name="Book a session with")
    await form.get_by_role("button", name="The month after").click()
    await form.get_by_role("button", name=" times").nth(day).click()
    await form.get_by_role("group", name="Night").get_by_role("button").first.click()
    chosen = form.get_by_role("status").filter(has_text="$")
    await expect(chosen).to_be_visible()
    return await chosen.inner_text()


async def books(window: Window, coach: Person) -> None:
    """Up to the page on which it is paid."""
    await chooses(window.page, coach)
    await window.presses("Book and pay")
    await expect(window.page.get_by_role("heading", name="Pay", exact=True)).to_be_visible()


async def pays(window: Window, then: str = "All is set.") -> None:
    """With the card that is offered first."""
    await window.page.get_by_role("button", name="Pay $").click()
    await expect(window.page.get_by_text(then)).to_be_visible()


async def test_a_time_is_booked_in_ones_own_zone_paid_by_card_and_called_off_with_a_refund(
    stage: Stage,
) -> None:
    coach = await selling_coach(stage)
    client = await stage.client(size=PHONE)
    page = client.page
    await page.goto(f"/coaches/{coach.tokens.user.user_id}")
    await page.get_by_role("button", name="Change").click()
    await page.get_by_role("combobox", name="Time zone").select_option(TOKYO)
    assert "$30.00" in await chooses(page, coach)
    await expect(page.get_by_text("Asia/Tokyo (UTC+9)")).to_be_visible()
    found = [await faults_of_state(client, "a start chosen")]
    await client.presses("Book and pay")
    await expect(page.get_by_role("button", name="Pay $30.00")).to_be_enabled()
    await expect(page.get_by_text("12:00 – 12:30 AM")).to_be_visible()
    found.append(await faults_of_state(client, "to be paid", [PHONE]))

    await pays(client)
    found.append(await faults_of_state(client, "paid", [DESK]))
    await client.presses("Cancel the booking")
    dialog = client.dialog("Cancel this booking?")
    await expect(dialog.get_by_text("All of it comes back: $30.00.")).to_be_visible()
    found.append(await faults_of_state(client, "about to cancel", [PHONE]))
    await dialog.get_by_role("button", name="Cancel the booking").click()
    await expect(page.get_by_text("Money went back: $30.00")).to_be_visible()

    await page.get_by_role("link", name="Receipt").click()
    await expect(page.get_by_text("Back: You cancelled")).to_be_visible()
    found.append(await faults_of_state(client, "given back"))
    assert "\n".join(filter(None, found)) == ""


async def test_the_gateways_own_page_leads_back_to_a_booking_that_is_paid(stage: Stage) -> None:
    coach, client = await selling_coach(stage), await stage.client(card=None)
    await books(client, coach)
    await expect(client.page.get_by_text("No card is saved here.")).to_be_visible()

    await client.presses("Pay on the payment page")
    await client.page.get_by_role("button", name="Pay 30.00 USD").click()

    await expect(client.page.get_by_text("All is set.")).to_be_visible()


async def test_a_bank_that_asks_is_answered_on_its_page_also_after_a_reload(stage: Stage) -> None:
    coach, client = await selling_coach(stage), await stage.client(card="pm_card_threeDSecure2Required")
    await books(client, coach)
    await client.page.get_by_role("button", name="Pay $").click()
    await expect(client.page.get_by_role("heading", name="Your bank asks you to confirm")).to_be_visible()

    await client.page.reload()
    async with client.context.expect_page() as opened:
        await client.page.get_by_role("link", name="Open the bank's page").click()
    bank = await opened.value
    await bank.get_by_role("button", name="Complete").click()
    await bank.close()

    await client.page.bring_to_front()
    await expect(client.page.get_by_text("All is set.")).to_be_visible()


async def test_a_start_that_somebody_else_takes_disappears_while_one_looks(stage: Stage) -> None:
    coach, client, other = await selling_coach(stage), await stage.client(), await stage.client()
    await chooses(client.page, coach)
    await books(other, coach)

    await expect(client.page.get_by_text("is not free any more")).to_be_visible()
    await expect(client.page.get_by_role("button", name="Book and pay")).to_be_disabled()


async def test_a_request_is_answered_with_other_times_of_which_one_is_taken(stage: Stage) -> None:
    coach, client = await selling_coach(stage, instant=False), await stage.client()
    await chooses(client.page, coach)
    await client.presses("Ask for this time")
    await expect(client.page.get_by_text("has to confirm this time")).to_be_visible()
    booking = f"/api/bookings/{client.page.url.rsplit('/', 1)[1]}"
    asked = await asks(stage, coach, "GET", booking)
    begins = datetime.fromisoformat(asked["start"]).astimezone(UTC) + timedelta(hours=2)
    times = [{"start": begins.isoformat(), "end": (begins + timedelta(minutes=30)).isoformat()}]

    await asks(stage, coach, "POST", f"{booking}/suggest", {"times": times, "message": "A little later?"})
    await expect(client.page.get_by_text("A little later?")).to_be_visible()
    assert await faults_of_state(client, "other times suggested", [PHONE]) == ""
    await client.page.get_by_role("button", name="Take this time").click()

    await pays(client)


async def test_who_asks_to_connect_is_answered_in_every_open_window(stage: Stage) -> None:
    coach = await stage.coach()
    client = await stage.client()
    await client.page.goto(f"/coaches/{stage.who(coach).tokens.user.user_id}")
    await client.presses("Connect")
    await client.dialog("Connect with").get_by_label("A few words").fill("We met at the fair.")
    await client.presses("Send")
    await expect(client.page.get_by_text("Asked to connect")).to_be_visible()

    assert await faults_of(coach, ("/connections",)) == ""
    await expect(coach.page.get_by_text("We met at the fair.")).to_be_visible()
    await coach.presses("Accept")

    await expect(client.page.get_by_text("You are connected")).to_be_visible()


async def test_a_group_fills_up_in_every_open_window(stage: Stage) -> None:
    coach = await selling_coach(stage)
    circle = TALK | {"names": {"en": "Circle"}, "format": "group", "capacity": 2, "minAttendees": 1}
    offered = await asks(stage, coach, "POST", "/api/session-types", circle, **{"Idempotency-Key": new_id()})
    begins = (await now(stage) + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    session = {
        "sessionTypeId": offered["sessionTypeId"],
        "start": begins.isoformat(),
        "minutes": 30,
        "meetingUrl": "https://meet.example.com/circle",
    }
    await asks(stage, coach, "POST", "/api/bookings/groups", session)
    first, second, looker = [await stage.client() for _ in range(3)]
    for window in (first, second, looker):
        await window.page.goto(f"/coaches/{coach.user_id}")
        await expect(window.page.get_by_text("0 of 2 places taken, 2 left")).to_be_visible()

    await first.presses("Take a place in Circle")
    await pays(first, "Your place is paid.")
    for window in (second, looker):
        await expect(window.page.get_by_text("1 of 2 places taken, 1 left")).to_be_visible()
    await second.presses("Take a place in Circle")
    await pays(second, "Your place is paid.")

    await expect(looker.page.get_by_text("All 2 places are taken")).to_be_visible()
    await expect(looker.page.get_by_role("button", name="Full: Circle")).to_be_disabled()
    assert await faults_of_state(looker, "a group that is full", [PHONE]) == ""
