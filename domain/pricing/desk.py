"""What coaches say about their prices: rules and discount codes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from domain.accounts.account import Identity
from domain.booking.telling import tell_change
from domain.clock import Clock
from domain.coaching.own import business_of
from domain.coaching.ports import CoachStore
from domain.errors import Conflict, Invalid, NotFound
from domain.ids import CoachId, DiscountCodeId, PriceRuleId, SessionTypeId, new_id
from domain.money import Money
from domain.ports import Transactions, Tx
from domain.pricing.codes import MAX_CODES, DiscountCode, normalised_code
from domain.pricing.ports import DiscountCodeStore, PriceRuleStore
from domain.pricing.rules import MAX_RULES, PriceRule, SpecialPeriod, TimeRate
from domain.versions import require_version

CODE_FORM = r"^[A-Za-z0-9_-]{3,32}$"
_CODE = re.compile(CODE_FORM, re.ASCII)


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """What a coach says of a rule. Names are those of :class:`PriceRule`."""

    label: str
    percent: int
    time_rate: TimeRate | None
    period: SpecialPeriod | None
    session_type_ids: tuple[SessionTypeId, ...]


@dataclass(frozen=True, slots=True)
class CodeTerms:
    """What a coach says of a code. Names are those of :class:`DiscountCode`."""

    percent: int | None
    off: Money | None
    valid_from: datetime | None
    valid_until: datetime | None
    max_uses: int | None
    max_uses_per_person: int | None
    budget: Money | None
    session_type_ids: tuple[SessionTypeId, ...]


class PriceRules:
    """A coach's own time-based rates and special periods."""

    def __init__(self, transact: Transactions, rules: PriceRuleStore, clock: Clock) -> None:
        self._transact = transact
        self._rules = rules
        self._clock = clock

    async def own(self, who: Identity) -> Sequence[PriceRule]:
        """All of the asker's, oldest first; at most :data:`MAX_RULES`.

        Raises:
            Forbidden: no coach.
        """
        coach_id = business_of(who)
        return await self._transact(lambda tx: self._rules.of_coach(tx, coach_id))

    async def get(self, who: Identity, rule_id: PriceRuleId) -> PriceRule:
        """One of the asker's.

        Raises:
            Forbidden: no coach.
            NotFound: no such rule of theirs.
        """
        return await self._transact(lambda tx: self._own(tx, business_of(who), rule_id))

    async def create(self, who: Identity, terms: RuleTerms) -> PriceRule:
        """A new one; concerns prices that are asked from now on.

        Raises:
            Forbidden: no coach.
            Invalid: not a rule.
            Conflict: ILLEGAL_STATE, :data:`MAX_RULES` exist.
        """
        coach_id, fresh = business_of(who), PriceRuleId(new_id())
        _check_rule(terms)

        async def work(tx: Tx) -> PriceRule:
            if len(await self._rules.of_coach(tx, coach_id)) >= MAX_RULES:
                raise Conflict(f"You have {MAX_RULES} rules; remove one first.", details={"limit": MAX_RULES})
            rule = PriceRule(id=fresh, coach_id=coach_id, **_values(terms))
            await self._rules.insert(tx, rule)
            tell_change(tx, who, coach_id, self._clock.now())
            return rule

        return await self._transact(work)

    async def change(self, who: Identity, rule_id: PriceRuleId, expected: int, terms: RuleTerms) -> PriceRule:
        """Say it anew.

        Raises:
            Forbidden: no coach.
            NotFound: no such rule of theirs.
            Invalid: not a rule.
            Conflict: VERSION_MISMATCH.
        """
        coach_id = business_of(who)
        _check_rule(terms)

        async def work(tx: Tx) -> PriceRule:
            rule = await self._own(tx, coach_id, rule_id)
            require_version(expected, rule.version)
            for name, value in _values(terms).items():
                setattr(rule, name, value)
            await self._rules.save(tx, rule)
            tell_change(tx, who, coach_id, self._clock.now())
            return rule

        return await self._transact(work)

    async def remove(self, who: Identity, rule_id: PriceRuleId) -> None:
        """Take it away; frozen prices stay.

        Raises:
            Forbidden: no coach.
            NotFound: no such rule of theirs.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> None:
            await self._rules.delete(tx, await self._own(tx, coach_id, rule_id))
            tell_change(tx, who, coach_id, self._clock.now())

        await self._transact(work)

    async def _own(self, tx: Tx, coach_id: CoachId, rule_id: PriceRuleId) -> PriceRule:
        rule = await self._rules.get(tx, rule_id)
        if rule.coach_id != coach_id:
            raise NotFound("There is no such rule.")
        return rule


class DiscountCodes:
    """A coach's own codes."""

    def __init__(
        self, transact: Transactions, codes: DiscountCodeStore, coaches: CoachStore, clock: Clock
    ) -> None:
        self._transact = transact
        self._codes = codes
        self._coaches = coaches
        self._clock = clock

    async def own(
        self, who: Identity, *, archived: bool, after: DiscountCodeId | None, limit: int
    ) -> Sequence[DiscountCode]:
        """The asker's, oldest first.

        Raises:
            Forbidden: no coach.
        """
        return await self._codes.page(business_of(who), archived=archived, after=after, limit=limit)

    async def get(self, who: Identity, code_id: DiscountCodeId) -> DiscountCode:
        """One of the asker's.

        Raises:
            Forbidden: no coach.
            NotFound: no such code of theirs.
        """
        return await self._transact(lambda tx: self._own(tx, business_of(who), code_id))

    async def create(self, who: Identity, text: str, terms: CodeTerms) -> DiscountCode:
        """A new one.

        Raises:
            Forbidden: no coach.
            Invalid: not a code.
            Conflict: ILLEGAL_STATE: the coach has, or had, a code of this text, or :data:`MAX_CODES` exist.
        """
        coach_id, fresh, code = business_of(who), DiscountCodeId(new_id()), normalised_code(text)
        if not _CODE.fullmatch(code):
            raise _wrong("A code has 3 to 32 letters, digits, - or _.", "code")

        async def work(tx: Tx) -> DiscountCode:
            await self._check(tx, coach_id, terms)
            if await self._codes.by_code(tx, coach_id, code) is not None:
                raise Conflict("You have, or had, a code of this name.", details={"code": code})
            if await self._codes.count_offered(tx, coach_id) >= MAX_CODES:
                raise Conflict(f"You have {MAX_CODES} codes; remove one first.", details={"limit": MAX_CODES})
            made = DiscountCode(id=fresh, coach_id=coach_id, code=code, **_values(terms))
            await self._codes.insert(tx, made)
            tell_change(tx, who, coach_id, self._clock.now())
            return made

        return await self._transact(work)

    async def change(
        self, who: Identity, code_id: DiscountCodeId, expected: int, terms: CodeTerms
    ) -> DiscountCode:
        """Say it anew; its text, and what was used, stay.

        Raises:
            Forbidden: no coach.
            NotFound: no such code of theirs.
            Invalid: not a code.
            Conflict: VERSION_MISMATCH.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> DiscountCode:
            code = await self._own(tx, coach_id, code_id)
            require_version(expected, code.version)
            await self._check(tx, coach_id, terms)
            for name, value in _values(terms).items():
                setattr(code, name, value)
            await self._codes.save(tx, code)
            tell_change(tx, who, coach_id, self._clock.now())
            return code

        return await self._transact(work)

    async def remove(self, who: Identity, code_id: DiscountCodeId) -> None:
        """Let nobody use it any more: it is deleted, or archived while an order uses it. Twice is as once.

        Raises:
            Forbidden: no coach.
            NotFound: no such code of theirs.
        """
        coach_id = business_of(who)

        async def work(tx: Tx) -> None:
            code = await self._own(tx, coach_id, code_id)
            if code.archived:
                return
            if code.uses:
                code.archived = True
                await self._codes.save(tx, code)
            else:
                await self._codes.delete(tx, code)
            tell_change(tx, who, coach_id, self._clock.now())

        await self._transact(work)

    async def _own(self, tx: Tx, coach_id: CoachId, code_id: DiscountCodeId) -> DiscountCode:
        code = await self._codes.get(tx, code_id)
        if code.coach_id != coach_id:
            raise NotFound("There is no such code.")
        return code

    async def _check(self, tx: Tx, coach_id: CoachId, terms: CodeTerms) -> None:
        coach = await self._coaches.get(tx, coach_id)
        _check_code(terms, coach.rate_per_minute.currency)


def _check_rule(terms: RuleTerms) -> None:
    if (terms.time_rate is None) == (terms.period is None):
        raise _wrong("A rule is either a rate by time or a special period.", "timeRate", "period")
    _check_percent(terms.percent)
    if terms.time_rate is not None and not terms.time_rate.days:
        raise _wrong("A rate by time holds on at least one day.", "timeRate.days")
    if terms.period is not None and terms.period.last < terms.period.first:
        raise _wrong("A period ends on the day it begins, or later.", "period.last")


def _check_code(terms: CodeTerms, currency: str) -> None:
    if (terms.percent is None) == (terms.off is None):
        raise _wrong("A code takes off either per cents or an amount.", "percent", "off")
    if terms.percent is not None:
        _check_percent(terms.percent)
    for field, money in (("off", terms.off), ("budget", terms.budget)):
        if money is not None and money.currency != currency:
            raise _wrong(f"Your prices are in {currency}.", f"{field}.currency")
        if money is not None and money.amount < 1:
            raise _wrong("This is at least one minor unit.", f"{field}.amount")
    for field, most in (("maxUses", terms.max_uses), ("maxUsesPerPerson", terms.max_uses_per_person)):
        if most is not None and most < 1:
            raise _wrong("This is at least 1.", field)
    if terms.valid_from and terms.valid_until and terms.valid_from >= terms.valid_until:
        raise _wrong("A code ends after it begins.", "validUntil")


def _check_percent(percent: int) -> None:
    if not 1 <= percent <= 100:
        raise _wrong("Between 1 and 100 per cent are taken off.", "percent")


def _values(terms: RuleTerms | CodeTerms) -> dict[str, Any]:
    return {field.name: getattr(terms, field.name) for field in fields(terms)}


def _wrong(message: str, *fields_: str) -> Invalid:
    return Invalid(message, details={"fields": [{"path": field, "problem": message} for field in fields_]})
