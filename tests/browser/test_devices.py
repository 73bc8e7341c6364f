"""One person, several windows: each knows what the others do, and a call is in one of them alone."""

from playwright.async_api import expect

from domain.accounts.account import Role
from tests.browser.stage import Stage
from tools.browser.talk import Talk, talking


async def test_a_second_tab_takes_the_call_over_and_the_first_is_told(stage: Stage) -> None:
    coach, client = await stage.coach(), await stage.client()
    await coach.goes_online()
    _, callee = await talking(client, coach)

    tab = await stage.second_tab(client)
    await tab.page.goto("/coaches")
    bar = tab.page.get_by_role("complementary", name="Call in progress")
    await expect(bar).to_contain_text(f"In a call with {coach.person}")
    await bar.get_by_role("link").click()
    await tab.presses("Move it here")

    for side in (Talk(tab, coach.person), callee):
        await side.begins()
        await side.sees_the_other_move()
    await client.page.bring_to_front()
    await client.reads(f"Your call with {coach.person} is in another window")
    await client.presses("Move it here")
    await Talk(client, coach.person).begins()


async def test_a_call_answered_on_another_device_stops_ringing_here(stage: Stage) -> None:
    person = await stage.person(Role.COACH)
    desk, phone = await stage.seated(person), await stage.seated(person)
    client = await stage.client()
    await desk.goes_online()
    await client.calls(person.name)
    for window in (desk, phone):
        await window.is_called_by(client.person)

    await phone.presses("Accept")

    await Talk(phone, client.person).begins()
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await desk.reads(f"You answered {client.person} on another device.")


async def test_a_call_declined_on_one_device_stops_ringing_on_all(stage: Stage) -> None:
    person = await stage.person(Role.COACH)
    desk, phone = await stage.seated(person), await stage.seated(person)
    client = await stage.client()
    await desk.goes_online()
    await client.calls(person.name)
    for window in (desk, phone):
        await window.is_called_by(client.person)

    await desk.presses("Decline")

    for window in (desk, phone):
        await expect(window.page.get_by_role("dialog")).to_have_count(0)
    await client.reads("The coach cannot take a call at the moment.")
