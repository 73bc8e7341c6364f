"""Prices: what a session costs and why, and the rules by which a coach makes some times cheaper."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from billing.quotations import PriceQuestion, Quotations
from domain.booking.calendar import Weekday
from domain.booking.offering import LONGEST_MINUTES
from domain.booking.zones import WallWindow
from domain.errors import Code
from domain.ids import CoachId, PriceRuleId, SessionTypeId
from domain.pricing.desk import CODE_FORM, PriceRules, RuleTerms
from domain.pricing.quote import Candidate, PriceReason, Quote
from domain.pricing.rules import PriceRule, SpecialPeriod, TimeRate
from rest.payloads import LINE, Id, Moment, Payload, Reply, Whole
from rest.registry import Call, coach, endpoint, member

TYPES_MAX = 50
#: ``24:00`` is the end of a day.
WALL_START = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
WALL_END = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"

Percent = Annotated[int, Field(ge=1, le=100, description="Taken off the base price."), Whole]
Label = Annotated[str, StringConstraints(pattern=LINE, min_length=1, max_length=60)]
CodeText = Annotated[str, StringConstraints(pattern=CODE_FORM), Field(examples=["WELCOME"])]
ForTypes = Annotated[
    list[Id], Field(max_length=TYPES_MAX, description="Session types that it is for; none means all.")
]


class PriceQuestionBody(Payload):
    """What a session would be like."""

    coach_id: Id
    session_type_id: Id
    start: Moment
    minutes: Annotated[int, Field(ge=1, le=LONGEST_MINUTES), Whole]
    discount_code: CodeText | None = None


class CandidateView(Reply):
    """One rule, priced alone."""

    reason: PriceReason
    label: str = Field(description="The coach's word for it, or the code; empty for the base price.")
    amount: int = Field(description="Minor units.")

    @classmethod
    def of(cls, candidate: Candidate) -> "CandidateView":
        return cls(reason=candidate.reason, label=candidate.label, amount=candidate.amount)


class PriceView(Reply):
    """What something costs, and why: the lowest candidate."""

    base: int = Field(description="Before any rule; minor units, tax included.")
    amount: int = Field(description="To pay; minor units, tax included. Too small to be charged is 0.")
    currency: str = Field(description="ISO 4217")
    reason: PriceReason
    label: str = Field(description="The coach's word for it, or the code; empty for the base price.")
    candidates: list[CandidateView] = Field(description="Whatever was compared, cheapest first.")

    @classmethod
    def of(cls, quote: Quote) -> "PriceView":
        return cls(
            base=quote.base,
            amount=quote.amount,
            currency=quote.currency,
            reason=quote.reason,
            label=quote.label,
            candidates=[CandidateView.of(one) for one in quote.candidates],
        )


class TimeRateBody(Payload):
    """By the clock on the coach's wall. An end that is not after the start is on the next day."""

    days: Annotated[
        list[Annotated[Weekday, Field(strict=False)]],
        Field(min_length=1, max_length=7, json_schema_extra={"uniqueItems": True}),
    ]
    start: Annotated[str, StringConstraints(pattern=WALL_START), Field(alias="from", examples=["18:00"])]
    end: Annotated[str, StringConstraints(pattern=WALL_END), Field(alias="to", examples=["22:00"])]

    def rate(self) -> TimeRate:
        """As the domain knows it."""
        days = tuple(day for day in Weekday if day in self.days)
        return TimeRate(days, WallWindow(_minutes(self.start), _minutes(self.end) or MIDNIGHT))


class PeriodBody(Payload):
    """Whole days in the coach's zone, both included."""

    first: date = Field(examples=["2026-12-24"])
    last: date = Field(examples=["2027-01-06"])


class PriceRuleBody(Payload):
    """A rule: exactly one of `timeRate` and `period`."""

    label: Label = Field(examples=["Evening discount"])
    percent: Percent
    time_rate: TimeRateBody | None = None
    period: PeriodBody | None = None
    session_type_ids: ForTypes = Field(default_factory=list)

    def terms(self) -> RuleTerms:
        """As the use case wants it."""
        return RuleTerms(
            label=self.label,
            percent=self.percent,
            time_rate=None if self.time_rate is None else self.time_rate.rate(),
            period=None if self.period is None else SpecialPeriod(self.period.first, self.period.last),
            session_type_ids=tuple(SessionTypeId(one) for one in dict.fromkeys(self.session_type_ids)),
        )


class TimeRateView(Reply):
    """By the clock on the coach's wall; an end that is not after the start is on the next day."""

    days: list[Weekday]
    start: str = Field(alias="from")
    end: str = Field(alias="to")

    @classmethod
    def of(cls, rate: TimeRate) -> "TimeRateView":
        return cls(days=list(rate.days), start=_wall(rate.window.start), end=_wall(rate.window.end))


class PeriodView(Reply):
    """Whole days in the coach's zone, both included."""

    first: date
    last: date


class PriceRuleView(Reply):
    """A rule that makes some times cheaper."""

    price_rule_id: str
    label: str
    percent: int
    time_rate: TimeRateView | None = None
    period: PeriodView | None = None
    session_type_ids: list[str]
    version: int

    @classmethod
    def of(cls, rule: PriceRule) -> "PriceRuleView":
        return cls(
            price_rule_id=rule.id,
            label=rule.label,
            percent=rule.percent,
            time_rate=None if rule.time_rate is None else TimeRateView.of(rule.time_rate),
            period=None
            if rule.period is None
            else PeriodView(first=rule.period.first, last=rule.period.last),
            session_type_ids=list(rule.session_type_ids),
            version=rule.version,
        )


class PriceRuleList(Reply):
    """All rules of a coach, oldest first."""

    items: list[PriceRuleView]


class PricesOfCoaches:
    """Prices, and the rules behind them."""

    def __init__(self, quotations: Quotations, rules: PriceRules) -> None:
        self._quotations = quotations
        self._rules = rules

    @endpoint(
        "POST",
        "/api/prices/calculate",
        may=member,
        body=PriceQuestionBody,
        reply=PriceView,
        errors=(
            Code.NOT_FOUND,
            Code.BLOCKED,
            Code.CALENDAR_PRIVATE,
            Code.CODE_INVALID,
            Code.CODE_USED_UP,
        ),
    )
    async def calculate_price(self, call: Call[PriceQuestionBody, None]) -> PriceView:
        """Say what a session would cost, and why.

        The calculation is the one of booking. Nothing is used up; the price is frozen when the session is booked.
        """
        body = call.body
        question = PriceQuestion(
            coach_id=CoachId(body.coach_id),
            session_type_id=SessionTypeId(body.session_type_id),
            start=body.start,
            minutes=body.minutes,
            code=body.discount_code,
        )
        return PriceView.of(await self._quotations.answer(call.who, question))

    @endpoint("GET", "/api/price-rules", may=coach, reply=PriceRuleList)
    async def list_price_rules(self, call: Call[None, None]) -> PriceRuleList:
        """List the caller's own rules."""
        return PriceRuleList(items=[PriceRuleView.of(one) for one in await self._rules.own(call.who)])

    @endpoint(
        "POST",
        "/api/price-rules",
        may=coach,
        body=PriceRuleBody,
        reply=PriceRuleView,
        status=201,
        idempotent=True,
        versioned=True,
        errors=(Code.ILLEGAL_STATE,),
    )
    async def create_price_rule(self, call: Call[PriceRuleBody, None]) -> PriceRuleView:
        """Make some times cheaper.

        Each rule is priced alone, and the lowest price wins: rules never add up.
        """
        return PriceRuleView.of(await self._rules.create(call.who, call.body.terms()))

    @endpoint(
        "GET",
        "/api/price-rules/{priceRuleId}",
        may=coach,
        reply=PriceRuleView,
        versioned=True,
        errors=(Code.NOT_FOUND,),
    )
    async def get_price_rule(self, call: Call[None, None]) -> PriceRuleView:
        """Read one of the caller's own rules."""
        return PriceRuleView.of(await self._rules.get(call.who, _id(call)))

    @endpoint(
        "PUT",
        "/api/price-rules/{priceRuleId}",
        may=coach,
        body=PriceRuleBody,
        reply=PriceRuleView,
        versioned=True,
        errors=(Code.NOT_FOUND,),
    )
    async def change_price_rule(self, call: Call[PriceRuleBody, None]) -> PriceRuleView:
        """Say a rule anew. Prices of what is booked stay."""
        changed = await self._rules.change(call.who, _id(call), call.expected, call.body.terms())
        return PriceRuleView.of(changed)

    @endpoint("DELETE", "/api/price-rules/{priceRuleId}", may=coach, status=204, errors=(Code.NOT_FOUND,))
    async def remove_price_rule(self, call: Call[None, None]) -> None:
        """Take a rule away. Prices of what is booked stay."""
        await self._rules.remove(call.who, _id(call))


MIDNIGHT = 1440


def _minutes(wall: str) -> int:
    hours, minutes = wall.split(":")
    return int(hours) * 60 + int(minutes)


def _wall(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _id(call: Call[Any, Any]) -> PriceRuleId:
    return PriceRuleId(call.path["priceRuleId"])
