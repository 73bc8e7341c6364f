"""Discount codes of a coach."""

from typing import Annotated, Any

from pydantic import Field

from domain.errors import Code
from domain.ids import DiscountCodeId, SessionTypeId
from domain.money import Money
from domain.pricing.codes import DiscountCode
from domain.pricing.desk import CodeTerms, DiscountCodes
from rest.endpoints.prices import CodeText, ForTypes, Percent
from rest.payloads import Amount, Currency, Flag, Id, Instant, Moment, PageSize, Payload, Query, Reply, Whole
from rest.registry import Call, coach, endpoint

USES_MAX = 1_000_000
AMOUNT_MAX = 1_000_000_000

Uses = Annotated[int, Field(ge=1, le=USES_MAX), Whole]


class DiscountAmount(Payload):
    """An amount."""

    amount: Annotated[int, Field(ge=1, le=AMOUNT_MAX, description="Minor units (cents)."), Whole]
    currency: Currency

    def money(self) -> Money:
        """As the domain knows it."""
        return Money(self.amount, self.currency)


class DiscountCodeBody(Payload):
    """What a coach says of a code: exactly one of `percent` and `off`."""

    percent: Percent | None = None
    off: DiscountAmount | None = Field(default=None, description="Taken off the base price, down to 0.")
    valid_from: Moment | None = Field(default=None, description="Orders made from here on may use it.")
    valid_until: Moment | None = Field(default=None, description="Orders made before may use it.")
    max_uses: Uses | None = Field(default=None, description="In all.")
    max_uses_per_person: Uses | None = None
    budget: DiscountAmount | None = Field(
        default=None,
        description="What it may take off in all; what is left is the most that it takes off once.",
    )
    session_type_ids: ForTypes = Field(default_factory=list)

    def terms(self) -> CodeTerms:
        """As the use case wants it."""
        return CodeTerms(
            percent=self.percent,
            off=None if self.off is None else self.off.money(),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            max_uses=self.max_uses,
            max_uses_per_person=self.max_uses_per_person,
            budget=None if self.budget is None else self.budget.money(),
            session_type_ids=tuple(SessionTypeId(one) for one in dict.fromkeys(self.session_type_ids)),
        )


class NewDiscountCodeBody(DiscountCodeBody):
    """A new code. Its text never changes."""

    code: CodeText = Field(description="Kept in upper case; clients may write it as they like.")


class DiscountCodeView(Reply):
    """A code and how far it is used up."""

    discount_code_id: str
    code: str
    percent: int | None = None
    off: Amount | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    max_uses: int | None = None
    max_uses_per_person: int | None = None
    budget: Amount | None = None
    session_type_ids: list[str]
    uses: int = Field(description="Orders that use it; those that came to nothing are not counted.")
    discounted: int = Field(description="What it took off in those, minor units.")
    archived: bool
    version: int = Field(description="Of what the coach says; using the code does not change it.")

    @classmethod
    def of(cls, code: DiscountCode) -> "DiscountCodeView":
        return cls(
            discount_code_id=code.id,
            code=code.code,
            percent=code.percent,
            off=None if code.off is None else Amount.of(code.off),
            valid_from=code.valid_from,
            valid_until=code.valid_until,
            max_uses=code.max_uses,
            max_uses_per_person=code.max_uses_per_person,
            budget=None if code.budget is None else Amount.of(code.budget),
            session_type_ids=list(code.session_type_ids),
            uses=code.uses,
            discounted=code.discounted,
            archived=code.archived,
            version=code.version,
        )


class DiscountCodeQuery(Query):
    """Which, and place in the list."""

    archived: Flag = Field(default=False, description="Those that cannot be used any more, instead.")
    cursor: Id | None = Field(default=None, description="`nextCursor` of the page before.")
    limit: PageSize = 50


class DiscountCodePage(Reply):
    """One page, oldest first."""

    items: list[DiscountCodeView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class DiscountCodesOfCoaches:
    """Discount codes."""

    def __init__(self, codes: DiscountCodes) -> None:
        self._codes = codes

    @endpoint("GET", "/api/discount-codes", may=coach, query=DiscountCodeQuery, reply=DiscountCodePage)
    async def list_discount_codes(self, call: Call[None, DiscountCodeQuery]) -> DiscountCodePage:
        """List the caller's own codes."""
        query = call.query
        after = DiscountCodeId(query.cursor) if query.cursor else None
        found = await self._codes.own(call.who, archived=query.archived, after=after, limit=query.limit + 1)
        cursor = found[query.limit - 1].id if len(found) > query.limit else None
        items = [DiscountCodeView.of(one) for one in found[: query.limit]]
        return DiscountCodePage(items=items, next_cursor=cursor)

    @endpoint(
        "POST",
        "/api/discount-codes",
        may=coach,
        body=NewDiscountCodeBody,
        reply=DiscountCodeView,
        status=201,
        idempotent=True,
        versioned=True,
        errors=(Code.ILLEGAL_STATE,),
    )
    async def create_discount_code(self, call: Call[NewDiscountCodeBody, None]) -> DiscountCodeView:
        """Make a code."""
        return DiscountCodeView.of(await self._codes.create(call.who, call.body.code, call.body.terms()))

    @endpoint(
        "GET",
        "/api/discount-codes/{discountCodeId}",
        may=coach,
        reply=DiscountCodeView,
        versioned=True,
        errors=(Code.NOT_FOUND,),
    )
    async def get_discount_code(self, call: Call[None, None]) -> DiscountCodeView:
        """Read one of the caller's own codes."""
        return DiscountCodeView.of(await self._codes.get(call.who, _id(call)))

    @endpoint(
        "PUT",
        "/api/discount-codes/{discountCodeId}",
        may=coach,
        body=DiscountCodeBody,
        reply=DiscountCodeView,
        versioned=True,
        errors=(Code.NOT_FOUND,),
    )
    async def change_discount_code(self, call: Call[DiscountCodeBody, None]) -> DiscountCodeView:
        """Change what a code does. What it did stays."""
        changed = await self._codes.change(call.who, _id(call), call.expected, call.body.terms())
        return DiscountCodeView.of(changed)

    @endpoint(
        "DELETE", "/api/discount-codes/{discountCodeId}", may=coach, status=204, errors=(Code.NOT_FOUND,)
    )
    async def remove_discount_code(self, call: Call[None, None]) -> None:
        """Let nobody use a code any more. It is archived if an order uses it, else deleted."""
        await self._codes.remove(call.who, _id(call))


def _id(call: Call[Any, Any]) -> DiscountCodeId:
    return DiscountCodeId(call.path["discountCodeId"])
