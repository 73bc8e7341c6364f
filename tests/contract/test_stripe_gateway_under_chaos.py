"""A caller that keeps its keys ends every hold exactly once, however badly the gateway behaves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.payments.stripe import StripeGateway, StripeSettings
from domain.money import Money
from domain.payments.gateway import Authorization, GatewayUnknown, Intent, IntentState
from tests.support.sandbox import SECRET_KEY, WEBHOOK_SECRET, running_sandbox

BLOCK = Money(5000, "USD")
#: Real seconds that the caller waits for an answer. Thirty calls at once share this process with the gateway that answers
#: them: where that takes longer on a busy machine, nothing but repetitions would ever be sent.
PATIENCE = 2.0


@dataclass(slots=True)
class Caller:
    """The rule of keys: unknown → the same key again; a replayed 500 → look, and only then a new attempt."""

    gateway: StripeGateway
    customer: str
    card: str
    since: datetime

    async def certain(
        self,
        name: str,
        act: Callable[[str], Awaitable[Intent]],
        look: Callable[[], Awaitable[Intent | None]],
    ) -> Intent:
        attempt = 1
        while True:
            try:
                return await act(f"{name}:{attempt}")
            except GatewayUnknown as unknown:
                if not unknown.replayed_error:
                    continue
            found = await look()
            if found is not None:
                return found
            attempt += 1

    async def settle(self, call: int, amount: int) -> Intent:
        """Hold a block, then take ``amount`` of it, or release it for 0."""
        metadata = {"sessionId": f"s{call}"}
        wanted = Authorization(BLOCK, self.customer, self.card, True, "Live call", metadata)
        held = await self.certain(
            f"authorize:{call}",
            lambda key: self.gateway.authorize(key=key, authorization=wanted),
            lambda: self.gateway.find(customer=self.customer, since=self.since, metadata=metadata),
        )
        ended = IntentState.SUCCEEDED if amount else IntentState.CANCELLED

        async def look() -> Intent | None:
            now = await self.gateway.retrieve(held.id)
            return now if now.state is ended else None

        def end(key: str) -> Awaitable[Intent]:
            if amount:
                money = Money(amount, "USD")
                return self.gateway.capture(key=key, intent=held.id, amount=money, metadata={})
            return self.gateway.cancel(key=key, intent=held.id)

        return await self.certain(f"end:{call}", end, look)


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_hold_ends_once_with_the_right_amount(tmp_path: Path, seed: int) -> None:
    async with running_sandbox(tmp_path) as sandbox:
        customer, card = await sandbox.customer()
        gateway = StripeGateway(
            StripeSettings(SECRET_KEY, WEBHOOK_SECRET, address=sandbox.url, timeout=PATIENCE)
        )
        caller = Caller(gateway, customer, card, datetime.now(UTC))
        amounts = [0 if call % 3 == 0 else 50 + 97 * call for call in range(30)]
        await sandbox.fault(
            "chaos",
            seed=seed,
            dropAfterSuccess=0.15,
            timeoutAfterSuccess=0.02,
            error500=0.25,
            rateLimit=0.1,
            conflict=0.1,
        )

        try:
            async with asyncio.timeout(30):
                ended = await asyncio.gather(
                    *(caller.settle(call, amount) for call, amount in enumerate(amounts))
                )
        finally:
            # A session that is left open fails the tests after this one.
            await gateway.close()
        intents = (await sandbox.view("payment_intents"))["data"]
        summary = await sandbox.view("summary")

    assert [intent.captured for intent in ended] == amounts
    assert {item["id"]: item["amount_received"] for item in intents} == {
        intent.id: amount for intent, amount in zip(ended, amounts, strict=True)
    }
    assert (summary["open_holds"], summary["difference"]) == (0, {"usd": 0})
    assert summary["captured"] == {"usd": sum(amounts)}
