"""Coming in, being somebody else, and going: the pages that ask who one is."""

import re

from playwright.async_api import expect

from domain.accounts.account import Role
from domain.ids import new_id
from tests.browser.stage import Stage
from tests.support.program import PASSWORD


async def test_a_demo_account_is_one_click_away(stage: Stage) -> None:
    window = await stage.window()
    await window.enter_as("Demo Client")
    await expect(window.account).to_have_accessible_name("Account: Demo Client")
    await expect(window.page).to_have_url(re.compile("/coaches$"))


async def test_a_client_registers_signs_out_and_signs_in(stage: Stage) -> None:
    email = f"new-{new_id()}@example.test"
    window = await stage.window()
    await window.register(name="Test Newcomer", email=email, password=PASSWORD)
    await expect(window.page.get_by_text("Your e-mail address is not verified yet")).to_be_visible()

    await window.sign_out()
    await window.fill_in_sign_in(email, PASSWORD)

    await expect(window.account).to_have_accessible_name("Account: Test Newcomer")


async def test_a_coach_registers_with_a_price(stage: Stage) -> None:
    window = await stage.window()
    email = f"new-{new_id()}@example.test"
    await window.register(name="Test Trainer", email=email, password=PASSWORD, price="1.75")
    await expect(window.page).to_have_url(re.compile("/desk$"))

    coach = await stage.program.log_in(email)

    stored = await stage.program.get(coach, "/api/users/me")
    assert stored["coach"]["ratePerMinute"] == {"amount": 175, "currency": "USD"}


async def test_what_was_filled_in_wrong_is_said_at_its_field(stage: Stage) -> None:
    known = await stage.person(Role.CLIENT)
    window = await stage.window()
    window.complaints.expect("409")
    await window.register(name="Test Newcomer", email=known.email, password=PASSWORD)
    address = window.page.get_by_label("E-mail address")
    await expect(address).to_have_attribute("aria-invalid", "true")
    await expect(address).to_have_accessible_description(re.compile("Somebody has registered with this"))
    await expect(address).to_be_focused()


async def test_a_wrong_password_is_told_and_the_right_one_helps(stage: Stage) -> None:
    person = await stage.person(Role.CLIENT)
    window = await stage.window()
    window.complaints.expect("401")
    await window.page.goto("/sign-in")
    await window.fill_in_sign_in(person.email, "not-the-password")
    await expect(window.page.get_by_text("The e-mail address or the password is wrong.")).to_be_visible()

    await window.fill_in_sign_in(person.email, PASSWORD)

    await expect(window.account).to_be_visible()


async def test_after_signing_in_one_is_where_one_wanted_to_be(stage: Stage) -> None:
    person = await stage.person(Role.CLIENT)
    window = await stage.window()
    await window.page.goto("/cards?from=mail")
    await window.fill_in_sign_in(person.email, PASSWORD)
    await expect(window.page).to_have_url(re.compile(r"/cards\?from=mail$"))


async def test_one_browser_two_windows_two_people(stage: Stage) -> None:
    first = await stage.client(name="Test First")
    second = await stage.second_tab(first)
    await second.page.goto("/")
    await expect(second.account).to_have_accessible_name("Account: Test First")

    await second.become("Demo Coach")
    await first.page.reload()
    await second.page.reload()

    await expect(first.account).to_have_accessible_name("Account: Test First")
    await expect(second.account).to_have_accessible_name("Account: Demo Coach")
    await second.become("Test First")
    await expect(second.account).to_have_accessible_name("Account: Test First")


async def test_signing_out_is_heard_in_the_other_tabs(stage: Stage) -> None:
    first = await stage.client()
    second = await stage.second_tab(first)
    await second.page.goto("/cards")
    await expect(second.account).to_be_visible()

    await first.sign_out()

    await expect(second.page.get_by_role("form", name="Sign in")).to_be_visible()


async def test_a_log_in_that_was_ended_elsewhere_is_told_and_leads_back(stage: Stage) -> None:
    client = await stage.client()
    await client.page.goto("/cards")
    await client.settled()
    client.complaints.expect("401")

    await stage.revoke(client)

    await expect(client.page.get_by_text("You are not signed in here any more.")).to_be_visible()
    await client.fill_in_sign_in(client.email, PASSWORD)
    await expect(client.page).to_have_url(re.compile("/cards$"))
    await expect(client.account).to_be_visible()


async def test_who_is_suspended_is_told_so(stage: Stage) -> None:
    person = await stage.person(Role.CLIENT)
    client = await stage.seated(person)
    client.complaints.expect("40[13]")

    await stage.program.suspend(await stage.program.admin(), person)
    await expect(client.page.get_by_role("form", name="Sign in")).to_be_visible()
    await client.fill_in_sign_in(client.email, PASSWORD)

    await expect(client.page.get_by_text("This account is suspended")).to_be_visible()


async def test_the_name_of_the_house_leads_home_without_loading_it_anew(stage: Stage) -> None:
    client = await stage.client()
    await client.page.goto("/cards")
    await expect(client.page.get_by_role("heading", name="Cards")).to_be_visible()
    # A page that is loaded anew has forgotten this, and would leave a call.
    await client.page.evaluate("window.known = true")

    await client.page.get_by_role("link", name="Rapport").click()

    await expect(client.page).to_have_url(re.compile("/coaches$"))
    assert await client.page.evaluate("window.known") is True
