"""Who appears in a test: people with accounts, each in front of a window, and what their pages complained about."""

import json
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bson import ObjectId
from playwright.async_api import Browser, BrowserContext, expect

from bootstrap.call.rest import Rest
from bootstrap.demo import DEMO_DOMAIN, DEMO_PASSWORD
from domain.accounts.account import Role
from domain.accounts.registration import Application, Trust
from domain.ids import new_id
from tests.browser.manners import WATCH_SHIFTS
from tests.support.program import PASSWORD, RATE, TRUSTED, Person, Program, Tab
from tools.browser.complaints import Complaints
from tools.browser.window import Window, new_profile, new_window

#: What the browser client keeps of who this tab is (web/client/tokens.js).
LOG_IN_OF_TAB = """
() => JSON.parse(localStorage.getItem("rapport.login." + sessionStorage.getItem("rapport.tab.account")))
"""


@dataclass
class Stage:
    """The running program, the browser, and the windows that a test opened."""

    program: Program
    browser: Browser
    windows: list[Window] = field(default_factory=list)
    _people: dict[str, Person] = field(default_factory=dict)
    _tabs: list[Tab] = field(default_factory=list)
    _profiles: list[tuple[BrowserContext, Complaints]] = field(default_factory=list)

    # --- people -------------------------------------------------------------------------------------------------------

    async def person(
        self, role: Role, *, name: str | None = None, card: str | None = None, trust: Trust = TRUSTED
    ) -> Person:
        """Somebody with an account, whom nobody else meets; at no window yet."""
        name = name or f"Test {role.value.title()} {new_id()[-6:]}"
        email = f"{role.value}-{new_id()}@example.test"
        rate = RATE if role is Role.COACH else None
        await self.program.register(Application(email, PASSWORD, name, role, rate), trust)
        person = await self.program.log_in(email)
        if card is not None:
            await person.rest.add_card(card)
        return person

    async def coach(self, *, name: str | None = None, **how: Any) -> Window:
        """A verified coach who signed in at a window of their own, offline."""
        return await self.seated(await self.person(Role.COACH, name=name), **how)

    async def client(
        self, *, name: str | None = None, card: str | None = "pm_card_visa", **how: Any
    ) -> Window:
        """A client with a saved card who signed in at a window of their own."""
        return await self.seated(await self.person(Role.CLIENT, name=name, card=card), **how)

    async def person_with_card(self) -> Person:
        """A client with a saved card, at no window."""
        return await self.person(Role.CLIENT, card="pm_card_visa")

    def who(self, window: Window) -> Person:
        """Who sits at a window."""
        return self._people[window.email]

    async def coach_elsewhere(self, *, name: str | None = None) -> tuple[Person, Tab]:
        """A coach who is online at another device, which this browser does not show; and what that device hears."""
        coach = await self.person(Role.COACH, name=name)
        tab = await self.program.tab(coach)
        await tab.done("coach_status_set", {"status": "online"})
        self._tabs.append(tab)
        return coach, tab

    async def seated(self, person: Person, **how: Any) -> Window:
        """This person's own window, whose browser remembers them. ``how`` is that of :meth:`window`.

        Signing in by hand is tested once; here it would cost every window a second page.
        """
        login = await self.program.log_in(person.email, _password(person), at=how.get("at", 0))
        window = await self.window(remembers=_remembered(login), **how)
        await window.page.goto("/")
        await expect(window.account).to_be_visible()
        await window.settled()
        window.person, window.email = person.name, person.email
        self._people[person.email] = person
        return window

    # --- windows ------------------------------------------------------------------------------------------------------

    async def window(self, *, at: int = 0, devices: bool = True, **looks: Any) -> Window:
        """A window at one of the two servers, in a profile of its own; ``looks`` are its size and colour scheme."""
        context, complaints = await new_profile(self.browser, self.program.urls[at], **looks)
        self._profiles.append((context, complaints))
        await context.add_init_script(WATCH_SHIFTS)
        window = await new_window(context, self.program.urls[at], complaints)
        self.windows.append(window)
        if not devices:
            await window.answers_for_devices("denied")
        return window

    async def second_tab(self, window: Window) -> Window:
        """Another tab of the same profile: it shares what the browser remembers."""
        tab = await new_window(window.context, window.home, window.complaints)
        tab.person = window.person
        self.windows.append(tab)
        return tab

    # --- what happens elsewhere ---------------------------------------------------------------------------------------

    async def saves_card(self, window: Window, token: str) -> None:
        """Who sits at this window has a further card, which is not the default."""
        await self._people[window.email].rest.add_card(token)

    async def everybody_goes_home(self) -> None:
        """No coach is online any more, whoever other tests left there."""
        await self.program.db["coaches"].update_many({}, {"$set": {"wish": "offline"}})

    async def writes(self, person: Person, **fields: Any) -> None:
        """What a person writes about themselves, at the server without a form in between."""
        headers = {"Authorization": f"Bearer {person.tokens.access_token}"}
        url = f"{self.program.urls[0]}/api/users/me"
        async with self.program.http.patch(url, json=fields, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def declines(self, window: Window, *, nth: int, code: str) -> None:
        """The bank of who sits here refuses the n-th payment from now on, and that one alone."""
        email = {"email": window.email}
        account = await self.program.db["accounts"].find_one(email)
        assert account is not None
        fault = {"kind": "decline", "operation": "payment_intents", "customer": account["gateway_customer"]}
        headers = {"Authorization": f"Bearer {_sandbox_key(self.program)}"}
        url = f"{self.program.running.sandbox_url}/_sandbox/faults"
        spec = fault | {"nth": nth, "code": code}
        async with self.program.http.post(url, json=spec, headers=headers) as answer:
            assert answer.status == 200, await answer.text()

    async def nothing_held(self, window: Window) -> bool:
        """Whether the gateway holds nothing on the cards of who sits here, and took nothing."""
        calls = (await self.program.get(self._people[window.email], "/api/live-sessions"))["items"]
        intents = [one for call in calls for one in await self.program.intents(call["sessionId"])]
        return {one.status for one in intents} == {"canceled"}

    async def captured(self, session_id: str) -> int:
        """What the gateway took for a call, in minor units, once nothing is held any more; until then 0."""
        intents = await self.program.intents(session_id)
        held = any(one.amount_capturable for one in intents)
        return 0 if held else sum(one.amount_received for one in intents)

    async def view(self, window: Window, session_id: str) -> Any:
        """A call as its document, for who sits at this window."""
        return await self.program.get(self._people[window.email], f"/api/live-sessions/{session_id}")

    async def generation(self, session_id: str) -> int:
        """How often the two browsers began anew to look for a way to each other."""
        return int((await self._stored(session_id))["epoch"])

    async def paused(self, session_id: str) -> bool:
        """Whether the meter stands still, by the server's word."""
        return bool((await self._stored(session_id))["state"] == "paused")

    async def _stored(self, session_id: str) -> dict[str, Any]:
        call = await self.program.db["live_sessions"].find_one({"_id": ObjectId(session_id)})
        assert call is not None
        return call

    async def nobody_answers(self) -> None:
        """Whatever rings has rung for as long as it may."""
        async for call in self.program.db["live_sessions"].find({"state": "ringing"}, {"_id": 1}):
            await self.program.ring_is_over(str(call["_id"]))

    async def drain(self, at: int) -> None:
        """A server stops as for an update, and is started anew by its supervisor; returns at once."""
        self.program.servers[at].kill(signal.SIGTERM)

    async def renewed(self, at: int, since: int) -> bool:
        """Whether a server was started anew since its ``restarts`` were that many."""
        server = self.program.servers[at]
        if server.restarts == since:
            return False
        await server.wait_ready()
        return True

    async def revoke(self, window: Window) -> None:
        """End the log-in of a window from outside, as "log out everywhere" does."""
        tokens = await window.page.evaluate(LOG_IN_OF_TAB)
        await Rest(self.program.http, self.program.urls[0]).log_out(tokens["refreshToken"])

    # --- the end ------------------------------------------------------------------------------------------------------

    def complaints(self) -> list[str]:
        """What the pages complained about and no test expected."""
        return [told for _, complaints in self._profiles for told in complaints.unexpected]

    async def keep(self, folder: Path) -> None:
        """What every window shows, as a picture and as its elements, and all complaints, in ``folder``."""
        for number, window in enumerate(self.windows):
            if not window.page.is_closed():
                name = f"{number}-{window.person or 'nobody'}".replace(" ", "-")[:60]
                await window.page.screenshot(path=folder / f"{name}.png", timeout=5000)
                (folder / f"{name}.html").write_text(await window.page.content())
        told = [line for _, complaints in self._profiles for line in complaints.told]
        (folder / "complaints.txt").write_text("\n".join(told))

    async def close(self) -> None:
        """Close all windows. May be called twice."""
        while self._tabs:
            await self._tabs.pop().client.disconnect()
        while self._profiles:
            context, _ = self._profiles.pop()
            await context.close()


def _remembered(login: Person) -> dict[str, str]:
    """``localStorage`` of a browser in which somebody signed in: what ``web/client/tokens.js`` keeps."""
    user, lifetime = login.tokens.user, (login.tokens.expires_at - datetime.now(UTC)).total_seconds() * 1000
    person = {"userId": user.user_id, "role": user.role, "name": user.name, "email": login.email}
    if user.coach_id:
        person["coachId"] = user.coach_id
    kept = {
        "person": person,
        "accessToken": login.tokens.access_token,
        "refreshToken": login.tokens.refresh_token,
        "expiresAt": login.tokens.expires_at.timestamp() * 1000,
        "lifetime": lifetime,
    }
    return {f"rapport.login.{user.user_id}": json.dumps(kept), "rapport.last": user.user_id}


def _password(person: Person) -> str:
    return DEMO_PASSWORD if person.email.endswith(f"@{DEMO_DOMAIN}") else PASSWORD


def _sandbox_key(program: Program) -> str:
    return Path(program.running.environment["STRIPE_SECRET_KEY_FILE"]).read_text().strip()
