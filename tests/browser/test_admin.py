"""The admin's live view: what is, what was, what failed, read again while somebody looks."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from domain.accounts.account import Role
from domain.ids import new_id
from domain.operations.samples import SAMPLE_PERIOD, Counted, Sample
from tests.browser.manners import faults_of
from tests.browser.stage import Stage
from tests.support.program import Program, eventually
from tools.browser.window import Window

#: So many milliseconds pass at once for what a page measures. Numbers are old after ten seconds; what is left of those is
#: longer than the three between two readings, so that one at least was tried in vain.
LATER = """
(ms) => {
  const now = performance.now.bind(performance);
  performance.now = () => now() + ms;
}
"""


@pytest.fixture
async def admin(stage: Stage) -> Window:
    """The demo admin in front of the live view."""
    window = await stage.window()
    await window.enter_as("Demo Admin")
    await expect(window.page.get_by_role("heading", name="Live view")).to_be_visible()
    return window


async def looks_again(window: Window) -> None:
    """Somebody comes back to this tab: what it shows is read at once."""
    await window.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def dead_cooldowns(program: Program, count: int) -> list[str]:
    """Timers of real coaches that failed for good, and would work now; their keys, the newest first."""
    coaches = [await program.coach() for _ in range(count)]
    for number, coach in enumerate(coaches):
        await program.db["timers"].insert_one(
            {
                "_id": f"cooldown:{coach.coach_id}",
                "kind": "cooldown",
                "key": coach.coach_id,
                "shard": 0,
                "attempts": 12,
                "version": 1,
                "claimed_until": None,
                "dead_at": datetime(2026, 1, 1, 0, 0, number, tzinfo=UTC),
                "error": "ValueError: <b>broken</b>",
            }
        )
    return [coach.coach_id for coach in reversed(coaches)]


async def test_a_call_that_begins_and_ends_comes_and_goes_by_itself(stage: Stage, admin: Window) -> None:
    coach, _ = await stage.coach_elsewhere()
    client = await stage.person(Role.CLIENT, card="pm_card_visa")
    tab = await stage.program.tab(client)
    row = admin.page.get_by_role("list", name="Calls in progress").get_by_role("link", name=client.name)
    ask = {"coachId": coach.coach_id, "clientRequestId": new_id()}

    call = await tab.done("live_session_request", ask)
    await expect(row).to_contain_text(coach.name)
    await expect(row).to_contain_text("Ringing")
    assert await row.get_attribute("href") == f"/receipts/{call['sessionId']}"
    await tab.done("live_session_cancel", {"sessionId": call["sessionId"]})

    await expect(row).to_have_count(0)
    await tab.client.disconnect()


async def test_a_dead_letter_is_replayed_by_keyboard_and_the_focus_goes_on(
    stage: Stage, admin: Window
) -> None:
    newest, older = await dead_cooldowns(stage.program, 2)
    await looks_again(admin)
    letters = admin.page.get_by_role("list", name="Dead letters")
    first = letters.get_by_role("button", name=f"Replay cooldown:{newest}")
    second = letters.get_by_role("button", name=f"Replay cooldown:{older}")

    await expect(letters.get_by_text("ValueError: <b>broken</b>").first).to_be_visible()
    await expect(admin.page.get_by_role("link", name="2 dead letters")).to_be_visible()
    await first.focus()
    await first.press("Enter")
    await admin.dialog("Run it again?").get_by_role("button", name="Cancel").press("Enter")
    await expect(first).to_be_focused()
    await first.press("Enter")
    await admin.dialog("Run it again?").get_by_role("button", name="Replay").press("Enter")

    await expect(first).to_have_count(0)
    await expect(second).to_be_focused()
    await expect(admin.page.get_by_text("cooldown runs again.")).to_be_visible()
    await eventually(lambda: ran(stage.program, newest))
    await stage.program.db["timers"].delete_many({"dead_at": {"$exists": True}})
    await looks_again(admin)
    await expect(admin.page.get_by_text("All is well.")).to_be_visible()


async def ran(program: Program, key: str) -> bool:
    """Whether a replayed timer did its work and is gone."""
    return await program.db["timers"].find_one({"_id": f"cooldown:{key}"}) is None


async def test_what_somebody_else_replayed_is_told_so(stage: Stage, admin: Window) -> None:
    (key,) = await dead_cooldowns(stage.program, 1)
    admin.complaints.expect("replay", "404")
    await looks_again(admin)
    await admin.page.get_by_role("button", name=f"Replay cooldown:{key}").click()
    await stage.program.db["timers"].delete_one({"_id": f"cooldown:{key}"})

    await admin.dialog("Run it again?").get_by_role("button", name="Replay").click()

    await expect(admin.page.get_by_text("somebody has replayed it already")).to_be_visible()
    await expect(admin.page.get_by_role("button", name=f"Replay cooldown:{key}")).to_have_count(0)


async def test_a_chart_is_told_in_words_and_as_a_table(stage: Stage, admin: Window) -> None:
    await some_minutes_passed(stage.program)
    await admin.page.reload()
    chart = admin.page.get_by_role("figure").filter(has=admin.page.get_by_role("heading", name="Sockets"))

    await expect(chart.get_by_role("img", name="Sockets")).to_have_accessible_description(
        re.compile(r"^From .+ to .+\. Sockets: .+ at the end, between .+ on average\.$")
    )
    await chart.get_by_text("as a table").click()

    await expect(chart.get_by_role("row")).to_have_count(13)
    await expect(chart.get_by_role("columnheader", name="highest")).to_be_visible()


async def some_minutes_passed(program: Program) -> None:
    """Samples of a process that is gone by now."""
    now = program.inside.clock.wall()
    for number in range(12):
        at = now - timedelta(seconds=SAMPLE_PERIOD * number)
        sample = Sample("gone", "server", at, SAMPLE_PERIOD, 3, Counted(ticks=1))
        await program.inside.stores.samples.write(number, sample)


async def test_old_numbers_are_said_to_be_old_until_there_are_new_ones(admin: Window) -> None:
    admin.complaints.expect("ERR_INTERNET_DISCONNECTED", "ERR_NETWORK", "websocket", "WebSocket", "timed out")
    state = admin.page.locator(".freshness")

    await admin.network.cut()
    await admin.page.evaluate(LATER, 6000)
    await expect(state).to_contain_text("s old", timeout=40_000)
    await admin.network.give_back()

    await expect(state).to_contain_text("Live")
    await expect(state).not_to_contain_text("old")


async def test_the_live_view_is_open_to_everybody_who_may_see_it(admin: Window) -> None:
    assert await faults_of(admin, ["/admin"]) == ""


async def test_nobody_else_gets_to_the_live_view(stage: Stage) -> None:
    client = await stage.client()

    await client.page.goto("/admin")

    await expect(client.page.get_by_role("heading", name="Find a coach")).to_be_visible()
