"""The one calculation of a price. No I/O, no clock: whatever it depends on is handed in.

The base and every rule that holds are priced alone; they never add up. The lowest wins, ties go to the first in the order of
:class:`PriceReason`, then by label. A price that the gateway would not charge, because it is too small, is waived.
"""

from collections.abc import Sequence
from datetime import datetime

from domain.booking.session_type import SessionType
from domain.money import Money, charge_minimum
from domain.pricing.base import base_price
from domain.pricing.codes import DiscountCode, percent_off
from domain.pricing.quote import Candidate, PriceReason, Quote
from domain.pricing.rules import PriceRule

_ORDER = {reason: place for place, reason in enumerate(PriceReason)}


def best_price(
    session_type: SessionType,
    *,
    start: datetime,
    minutes: int,
    zone: str,
    rules: Sequence[PriceRule],
    code: DiscountCode | None,
) -> Quote:
    """What a session of ``minutes`` costs that starts at ``start``.

    Args:
        zone: the IANA zone of the coach's calendar.
        rules: all of the coach's; those that do not hold are left out.
        code: one that may be used, or none.
    """
    base = base_price(session_type, minutes)
    held = [rule for rule in rules if rule.applies(session_type.id, start, zone)]
    candidates = [Candidate(PriceReason.BASE, "", due(base.amount, base))]
    candidates += [
        Candidate(rule.reason, rule.label, due(percent_off(base, rule.percent), base)) for rule in held
    ]
    if code is not None:
        candidates.append(Candidate(PriceReason.CODE, code.code, due(code.price(base), base)))
    return chosen(base, candidates, code)


def chosen(base: Money, candidates: Sequence[Candidate], code: DiscountCode | None) -> Quote:
    """The quote of the lowest of ``candidates``, which are at least one."""
    ranked = sorted(candidates, key=lambda one: (one.amount, _ORDER[one.reason], one.label))
    best = ranked[0]
    return Quote(
        currency=base.currency,
        base=base.amount,
        amount=best.amount,
        reason=best.reason,
        label=best.label,
        candidates=tuple(ranked),
        code_id=code.id if code is not None and best.reason is PriceReason.CODE else None,
    )


def due(amount: int, base: Money) -> int:
    """What is charged of a price, minor units of the currency of ``base``: nothing of one below the gateway's minimum."""
    return amount if amount >= charge_minimum(base.currency) else 0
