"""The pages of the sandbox are for people too: the hosted payment page and the mailbox, at both widths, light and dark."""

from playwright.async_api import expect

from domain.accounts.account import Role
from tests.browser.manners import faults_now
from tests.browser.stage import Stage
from tests.support.program import eventually
from tools.browser.window import DESK, PHONE, Window


async def payment_page(stage: Stage) -> str:
    """The address of the page of a new Checkout Session."""
    running = stage.program.running
    key = (running.data_dir / "secrets" / "sandbox_key").read_text().strip()
    line = "line_items[0]"
    form = {
        "mode": "payment",
        f"{line}[quantity]": "1",
        f"{line}[price_data][currency]": "eur",
        f"{line}[price_data][unit_amount]": "9000",
        f"{line}[price_data][product_data][name]": "Clear next steps, one hour",
        f"{line}[price_data][product_data][description]": "Friday, May 8",
        "success_url": f"{stage.program.urls[0]}/about",
        "cancel_url": f"{stage.program.urls[0]}/about",
    }
    address = f"{running.sandbox_url}/v1/checkout/sessions"
    async with stage.program.http.post(
        address, data=form, headers={"Authorization": f"Bearer {key}"}
    ) as answer:
        made = await answer.json()
        assert answer.status == 200, made
    return str(made["url"])


async def faults_at(window: Window, what: str) -> list[str]:
    """What is wrong with what is shown now, at both widths."""
    found: list[str] = []
    for size in (PHONE, DESK):
        await window.page.set_viewport_size(size)
        found += [f"{what} at {size['width']} {fault}" for fault in await faults_now(window.page)]
    return found


async def test_the_payment_page_in_all_its_states(stage: Stage) -> None:
    window, address = await stage.window(), await payment_page(stage)
    page = window.page
    await page.goto(address)
    found = await faults_at(window, "payment page")

    await page.get_by_label("declined").check()
    await page.get_by_role("button", name="Pay").click()
    await expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    found += await faults_at(window, "declined")

    await page.get_by_label("the bank asks (3-D Secure), then pays").check()
    await page.get_by_role("button", name="Pay").click()
    await expect(page.get_by_role("heading", name="3D Secure")).to_be_visible()
    found += await faults_at(window, "the bank's question")
    await page.get_by_role("button", name="Complete").click()
    await expect(page).to_have_url(f"{stage.program.urls[0]}/about")
    # Going back to a page that is paid leads on again.
    await page.goto(address)
    await expect(page).to_have_url(f"{stage.program.urls[0]}/about")

    assert found == []


async def test_the_mailbox_and_a_mail(stage: Stage) -> None:
    person = await stage.person(Role.CLIENT)
    program = stage.program
    mailbox = f"{program.running.sandbox_url}/mailbox"
    ask = f"{program.urls[0]}/api/auth/forgot-password"
    async with program.http.post(ask, json={"email": person.email}) as answer:
        assert answer.status == 204

    async def arrived() -> bool:
        async with program.http.get(f"{mailbox}/messages", params={"to": person.email}) as answer:
            return bool((await answer.json())["data"])

    await eventually(arrived)
    window = await stage.window()
    # What watches for jumps may not run in the frame of a mail: nothing may.
    window.complaints.expect("Blocked script execution")
    await window.page.goto(mailbox)
    found = await faults_at(window, "mailbox")
    await window.page.get_by_label("To").fill(person.email)
    await window.page.get_by_role("button", name="Show").click()
    await expect(window.page.get_by_role("listitem")).to_have_count(1)
    await window.page.get_by_role("link", name="Choose a new password").click()
    await expect(window.page.frame_locator("iframe").get_by_role("link")).to_be_visible()
    found += await faults_at(window, "mail")

    assert found == []
