"""What a run is made of, all of it drawn from one seed: the same seed gives the same kills, faults and choices."""

import random
from dataclasses import asdict, dataclass, field
from typing import Literal

from domain.calls.terms import CallTerms

Target = Literal["server", "server-2", "worker", "worker-2", "valkey", "mongod", "sandbox"]

#: How often each is killed, relatively.
TARGETS: dict[Target, int] = {
    "server": 3, "server-2": 3, "worker": 2, "worker-2": 2, "valkey": 3, "mongod": 3, "sandbox": 1,
}  # fmt: skip
#: Rates in minor units: some so small that a short call costs less than a gateway takes.
RATES: tuple[tuple[int, str], ...] = ((250, "USD"), (7, "USD"), (99, "EUR"), (333, "USD"), (180, "JPY"))
CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_de", "pm_card_mastercard", "pm_card_authenticationRequired")

#: The terms of a day in fast motion; seconds as in :class:`CallTerms`.
TERMS: dict[str, float] = {
    "RESERVE": 4, "ACTION": 60, "RING": 50, "JOIN": 100, "GRACE": 80, "PAUSE_LIMIT": 300, "COOLDOWN": 15,
    "BLOCK_MINUTES": 2, "REAUTHORIZE_BELOW": 60,
    "PROOF_INTERVAL": 1, "PROOF_TIMEOUT": 3, "PROOF_FRESH_FOR": 6, "DENIAL": 4, "GATEWAY_TIMEOUT": 1.5,
}  # fmt: skip
#: Those of the product, whatever other tests set.
PRODUCT_TERMS: dict[str, float] = {name.upper(): value for name, value in asdict(CallTerms()).items()}


@dataclass(frozen=True)
class Kill:
    """One ``kill -9``, real seconds after the beginning."""

    at: float
    target: Target


@dataclass(frozen=True)
class Plan:
    """A run: ``pairs`` coaches and as many clients, ``couples`` in booked sessions and ``buyers`` of more, for ``seconds``,
    while ``kills`` happen and the gateway misbehaves.
    """

    seed: int
    seconds: float
    pairs: int = 8
    kills: int = 8
    #: two people each with a booked session, which goes on in overtime
    couples: int = 4
    #: clients who book and pay, each with a coach of their own
    buyers: int = 2
    speed: float = 10.0
    #: the whole must have come to rest so many real seconds after the last fault
    rest: float = 90.0
    #: the storm goes on, up to three times as long, until its people have seen so many charges
    receipts: int = 0
    terms: dict[str, float] = field(default_factory=lambda: dict(TERMS))

    def schedule(self) -> list[Kill]:
        """The kills in their order."""
        dice = self.dice("monkey")
        times = sorted(dice.uniform(2.0, self.seconds) for _ in range(self.kills))
        return [Kill(at, _weighted(dice)) for at in times]

    def faults(self) -> dict[str, object]:
        """How the gateway misbehaves all the while."""
        return {
            "kind": "chaos", "seed": self.seed, "reads": True, "seconds": 3,
            "timeoutAfterSuccess": 0.03, "dropAfterSuccess": 0.06, "error500": 0.1, "rateLimit": 0.04, "conflict": 0.04,
            "duplicateWebhooks": 0.3, "reorderWebhooks": 0.3, "delayWebhooksMs": [0, 400],
        }  # fmt: skip

    def dice(self, who: str) -> random.Random:
        """Dice of one actor, so that one's choices do not depend on another's pace."""
        return random.Random(f"{self.seed}:{who}")


def _weighted(dice: random.Random) -> Target:
    return dice.choices(list(TARGETS), list(TARGETS.values()))[0]
