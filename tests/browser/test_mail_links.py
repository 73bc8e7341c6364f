"""Mails as people read and follow them: an address proven, a password forgotten, told in the sandbox's mailbox."""

import re

from playwright.async_api import Page, expect

from domain.accounts.account import Role
from domain.ids import new_id
from tests.browser.stage import Stage
from tests.support.program import PASSWORD, eventually
from tools.browser.window import Window

ANOTHER = "battery horse correct"


async def follows(stage: Stage, window: Window, address: str, subject: str) -> Page:
    """Look into the mailbox, open the newest mail with this subject, follow its link; the tab that opens."""
    mailbox = f"{stage.program.running.sandbox_url}/mailbox"

    async def arrived() -> bool:
        async with stage.program.http.get(f"{mailbox}/messages", params={"to": address}) as answer:
            return any(mail["subject"] == subject for mail in (await answer.json())["data"])

    await eventually(arrived)
    page = await window.context.new_page()
    await page.goto(f"{mailbox}?to={address}")
    await page.get_by_role("link", name=subject).first.click()
    async with window.context.expect_page() as opened:
        await page.frame_locator("iframe").get_by_role("link").click()
    return await opened.value


async def test_an_address_is_proven_by_the_link_in_a_mail(stage: Stage) -> None:
    email = f"new-{new_id()}@example.test"
    window = await stage.window()
    await window.register(name="Test Newcomer", email=email, password=PASSWORD)
    await expect(window.page.get_by_text("Your e-mail address is not verified yet")).to_be_visible()

    tab = await follows(stage, window, email, "Please confirm your e-mail address")
    await tab.get_by_role("button", name="Verify this address").click()

    await expect(tab.get_by_text(f"{email} is verified")).to_be_visible()
    person = await stage.program.log_in(email)
    assert (await stage.program.get(person, "/api/users/me"))["emailVerified"] is True


async def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(stage: Stage) -> None:
    person = await stage.person(Role.CLIENT)
    window = await stage.window()
    await window.page.goto("/sign-in")
    await window.page.get_by_role("link", name="Forgot your password?").click()
    await window.page.get_by_label("E-mail address").fill(person.email)
    await window.page.get_by_role("button", name="Send the link").click()
    await expect(window.page.get_by_text("If there is an account")).to_be_visible()

    tab = await follows(stage, window, person.email, "Choose a new password")
    link = tab.url
    await tab.get_by_role("textbox", name="New password").fill(ANOTHER)
    await tab.get_by_role("button", name="Set the password").click()
    await expect(tab.get_by_text("Your new password counts from now on")).to_be_visible()

    await window.page.goto("/sign-in")
    await window.fill_in_sign_in(person.email, ANOTHER)
    await expect(window.account).to_be_visible()
    window.complaints.expect("410")
    await window.page.goto(re.sub(r"^https?://[^/]+", "", link))
    await window.page.get_by_role("textbox", name="New password").fill(PASSWORD)
    await window.page.get_by_role("button", name="Set the password").click()
    await expect(window.page.get_by_text("This link does not work any more")).to_be_visible()
