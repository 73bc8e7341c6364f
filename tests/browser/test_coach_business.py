"""A coach's business in the console: free time drawn and written, what is offered, and the answers to those who ask."""

import re
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.stage import Stage
from tests.support.program import Person
from tools.browser.window import Window

ZONE = "Europe/Berlin"


async def _asks(stage: Stage, person: Person, method: str, path: str, body: object = None) -> Any:
    """What this person does at a client of their own."""
    headers = {"Authorization": f"Bearer {person.tokens.access_token}"}
    if method == "POST":
        headers["Idempotency-Key"] = f"{path}-{body}".encode().hex()[-64:]
    url = f"{stage.program.urls[1]}{path}"
    async with stage.program.http.request(method, url, json=body, headers=headers) as answer:
        assert answer.status in (200, 201), await answer.text()
        return await answer.json()


async def _offers(window: Window, name: str, price: str) -> None:
    """The form of a new session type, up to the list in which it then is."""
    page = window.page
    await page.goto("/calendar/offers/new")
    await page.get_by_label("Name in English").fill(name)
    await page.get_by_label("Price (USD)").fill(price)
    await page.get_by_label("Shortest (minutes)").fill("30")
    await page.get_by_label("Firm at once").uncheck()
    await page.get_by_role("button", name="Offer it").click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()


async def _draws(page: Page, day: Locator, hours: float) -> None:
    """Draw with the mouse from the middle of what is seen of a day."""
    box, seen = await day.bounding_box(), await page.locator(".cal-scroll").bounding_box()
    assert box
    assert seen
    x, y = box["x"] + box["width"] / 2, seen["y"] + 60
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x, y + 10, steps=2)
    await page.mouse.move(x, y + hours * box["height"] / 24, steps=4)
    await page.mouse.up()


async def _pulls(page: Page, what: Locator, right: float, down: float) -> None:
    """Take hold of something near its top, and let go of it elsewhere."""
    box = await what.bounding_box()
    assert box
    x, y = box["x"] + 20, box["y"] + 20
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + right, y + down, steps=6)
    await page.mouse.up()


def _day(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


async def test_free_time_is_drawn_moved_and_deleted_in_every_open_window(stage: Stage) -> None:
    window = await stage.coach()
    page, other = window.page, (await stage.second_tab(window)).page
    for one in (page, other):
        await one.goto("/calendar")
        await one.get_by_role("button", name="The week after").click()
        await expect(one.get_by_role("group", name="Your calendar, hour by hour")).to_be_visible()

    await _draws(page, _day(page, "Tuesday"), 2)
    dialog = window.dialog("New free time")
    times = [await dialog.get_by_label(label).input_value() for label in ("From", "To")]
    await dialog.get_by_role("button", name="Add it").click()
    await expect(_day(other, "Tuesday").get_by_role("button", name="Free")).to_be_visible()
    # The other window may hear of it before this one's dialog is out of the way.
    await expect(dialog).to_have_count(0)
    assert times[0] < times[1]

    slot = _day(page, "Tuesday").get_by_role("button", name="Free")
    width = await _day(page, "Tuesday").evaluate("(node) => node.getBoundingClientRect().width")
    await _pulls(page, slot, width, 0)
    moved = _day(other, "Wednesday").get_by_role("button", name="Free")
    await expect(moved).to_be_visible()
    await expect(_day(other, "Tuesday").get_by_role("button", name="Free")).to_have_count(0)

    # The other window, by keyboard.
    await moved.focus()
    await other.keyboard.press("Enter")
    await other.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(_day(page, "Wednesday").get_by_role("button", name="Free")).to_have_count(0)


async def test_a_series_is_changed_from_one_of_its_days_on(stage: Stage) -> None:
    window = await stage.coach()
    page = window.page
    await page.goto("/calendar")
    await page.get_by_role("button", name="The week after").click()
    await page.get_by_role("button", name="Repeating").click()
    dialog = window.dialog("New free time")
    await dialog.get_by_role("checkbox", name="Mon").uncheck()
    await dialog.get_by_role("checkbox", name="Thu").check()
    await dialog.get_by_label("Times").fill("3")
    await dialog.get_by_role("button", name="Add it").click()
    thursday = _day(page, "Thursday").get_by_role("button", name="Every week on Thursday, 3 times")
    await expect(thursday).to_be_visible()

    await page.get_by_role("button", name="The week after").click()
    await thursday.click()
    series = window.dialog("Free time that repeats")
    await series.get_by_role("radio", name="From here on").check()
    await series.get_by_label("To").fill("23:45")
    await series.get_by_role("button", name="Save").click()
    late = _day(page, "Thursday").get_by_role("button", name=re.compile("11:45.PM"))
    await expect(late).to_be_visible()
    await page.get_by_role("button", name="The week before").click()
    await expect(thursday.or_(_day(page, "Thursday").get_by_role("button", name="Free"))).to_be_visible()
    await expect(late).to_have_count(0)
    await page.get_by_role("button", name="The week after").click()
    await page.get_by_role("button", name="The week after").click()
    await expect(late).to_be_visible()


async def test_who_was_slower_sees_the_newest_hours_before_writing_over_them(stage: Stage) -> None:
    window = await stage.coach()
    tab = await stage.second_tab(window)
    window.complaints.expect("412")
    first, second = window.page, tab.page
    for page in (first, second):
        await page.goto("/calendar/hours")
    await second.get_by_role("button", name="Add hours on Sunday").click()
    await first.get_by_label("Time zone").select_option(ZONE)
    await first.get_by_role("button", name="Add hours on Monday").click()
    await first.get_by_role("button", name="Save the week").click()
    await window.reads("Your week is saved.")

    await tab.reads("Your hours were changed in another window.")
    await second.get_by_role("button", name="Save the week").click()
    await tab.reads(re.compile("Changed meanwhile"))
    await expect(second.get_by_label("Monday, start of span 1")).to_have_value("09:00")
    await expect(second.get_by_label("Time zone")).to_have_value(ZONE)

    await second.get_by_role("button", name="Add a day").click()
    await tab.dialog("A day with other hours").get_by_role("button", name="Save").click()
    await expect(first.get_by_text("Away", exact=True)).to_be_visible()


async def test_a_request_is_answered_where_it_is_seen(stage: Stage) -> None:
    coach, client = await stage.coach(), await stage.person_with_card()
    await _offers(coach, "Career talk", "49.50")
    offer = (await _asks(stage, stage.who(coach), "GET", "/api/session-types"))["items"][0]
    assert offer["price"] == {"amount": 4950, "currency": "USD"}
    now = datetime.fromisoformat((await _asks(stage, client, "GET", "/api/about"))["serverTime"])
    start = (now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    slot = {"start": start.isoformat(), "end": (start + timedelta(hours=8)).isoformat()}
    await _asks(stage, stage.who(coach), "POST", "/api/bookings/availability", slot)

    page = coach.page
    await page.goto("/requests")
    await coach.reads("Nothing is booked")
    coach_id = (await _asks(stage, stage.who(coach), "GET", "/api/users/me"))["coach"]["coachId"]
    for hour in (0, 2):
        wish = {
            "coachId": coach_id,
            "sessionTypeId": offer["sessionTypeId"],
            "start": (start + timedelta(hours=hour)).isoformat(),
            "minutes": 60,
            "goals": f"Goal {hour}",
        }
        await _asks(stage, client, "POST", "/api/bookings", wish)
    await coach.reads("Goal 2")

    asked = page.get_by_role("listitem").filter(has_text="Goal 0")
    await asked.get_by_role("button", name="Accept").click()
    await expect(page.get_by_text("Waiting for payment")).to_be_visible()
    other = page.get_by_role("listitem").filter(has_text="Goal 2")
    await other.get_by_role("button", name="Suggest other times").click()
    dialog = coach.dialog("Suggest other times")
    await dialog.get_by_role("button", name="Another time").click()
    await dialog.get_by_label("Message").fill("Mornings are better for me.")
    await dialog.get_by_role("button", name="Send the suggestions").click()
    await expect(page.get_by_text("Other times suggested")).to_be_visible()

    found = await _asks(stage, client, "GET", f"/api/bookings/user/{client.user_id}/sessions")
    states = {one["goals"]: (one["state"], len(one["suggestions"])) for one in found["items"]}
    assert states == {"Goal 0": ("pending_payment", 0), "Goal 2": ("time_suggested", 2)}
