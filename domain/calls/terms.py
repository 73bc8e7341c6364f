"""The rules of a call that are numbers. Frozen into settings at start; durations in seconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallTerms:
    """Domain seconds, except those marked real, which measure the network and not the clock of the product."""

    #: real: how long a coach may be claimed while the first block is authorized; longer than the gateway's timeout
    reserve: float = 10.0
    action: float = 180.0
    ring: float = 30.0
    join: float = 60.0
    grace: float = 45.0
    pause_limit: float = 180.0
    cooldown: float = 60.0
    #: one authorized block, in minutes of talk
    block_minutes: int = 15
    #: authorize another block when fewer seconds than this remain
    reauthorize_below: int = 180
    #: what a call costs at least, minor units of the coach's currency
    minimum_charge: int = 0
    #: the platform's fee in per cent of net, unless the coach has one of their own
    fee_percent: int = 20
    #: real: how often a peer repeats its proof of media
    proof_interval: float = 5.0
    #: real: a proof older than this is none
    proof_timeout: float = 8.0
    #: real: what others believe of a proof they only read from the database (it is written every two seconds)
    proof_fresh_for: float = 12.0
    #: real: one side denies media while the other receives it
    denial: float = 10.0
    #: real: end this long before a hold lapses
    hold_margin: float = 60.0
    #: real: how long the gateway may take to answer
    gateway_timeout: float = 8.0

    def __post_init__(self) -> None:
        """Refuse what would charge wrongly, or never end.

        Raises:
            ValueError: with the rule that is broken.
        """
        rules = {
            "a block has at least one minute": self.block_minutes >= 1,
            "a fee is 0 to 100 per cent": 0 <= self.fee_percent <= 100,
            "a minimum charge is not negative": self.minimum_charge >= 0,
            "a block is authorized before it is needed": self.reauthorize_below >= 0,
            "durations are longer than nothing": min(self.ring, self.join, self.action, self.gateway_timeout)
            > 0,
            "durations are not negative": min(self.grace, self.pause_limit, self.cooldown, self.denial) >= 0,
            "a coach is claimed for longer than the gateway takes": self.reserve > self.gateway_timeout,
            "proofs come before they are missed, and are missed before others stop believing them": (
                0 < self.proof_interval < self.proof_timeout < self.proof_fresh_for
            ),
        }
        for rule, kept in rules.items():
            if not kept:
                raise ValueError(f"terms of a call: {rule}")
