"""``--drop-media``: media stops in the middle of a call and, if time allows, comes back.

Grace is domain time (45 s), the network is not: at a high clock speed little real time is left. So the road depends on it:

* enough real seconds: the client's whole connection is lost, and comes back as an ICE restart,
* less: the client's devices hang and go on as soon as the pause is announced,
* next to none: nobody can be back in time, and the call must end at the last proven instant.
"""

from dataclasses import dataclass
from enum import StrEnum

from bootstrap.call.words import span

#: Domain seconds, from the contract.
GRACE = 45.0
#: Real seconds.
RECONNECT_TAKES = 2.0
RESUME_TAKES = 0.4
NOTICED_AFTER = 2.0
STAY_AWAY = 5.0


class Kind(StrEnum):
    """What breaks."""

    CONNECTION = "connection"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True)
class Drop:
    """What will break, for how long (real seconds after the pause), and whether it comes back."""

    kind: Kind
    comes_back: bool
    away: float

    @classmethod
    def at(cls, speed: float) -> "Drop":
        """What makes sense at a clock speed (domain seconds per real second)."""
        grace = GRACE / speed
        if grace < RESUME_TAKES:
            return cls(Kind.DEVICES, comes_back=False, away=0.0)
        if grace < RECONNECT_TAKES:
            return cls(Kind.DEVICES, comes_back=True, away=0.0)
        return cls(Kind.CONNECTION, comes_back=True, away=min(STAY_AWAY, grace / 4))

    def explain(self, speed: float) -> str:
        """In a sentence or two."""
        grace = span(GRACE / speed)
        noticed = span(NOTICED_AFTER * speed)
        if speed == 1:
            noticing = f"Silence counts after {span(NOTICED_AFTER)}; grace is {span(GRACE)}."
        else:
            noticing = (
                f"Silence counts after {span(NOTICED_AFTER)}, which at ×{speed:g} are {noticed} of the call; "
                f"grace of {span(GRACE)} is {grace} here."
            )
        if not self.comes_back:
            return f"{noticing} Nobody can be back by then: the call will end at the last proven instant."
        if self.kind is Kind.DEVICES:
            return f"{noticing} Too little for a new connection, so only the devices hang, and go on at once."
        return f"{noticing} The connection comes back {span(self.away)} after the pause, as an ICE restart."
