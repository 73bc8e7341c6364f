"""Who may use a discount code, and when."""

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Code, Conflict
from domain.ids import SessionTypeId, new_id
from domain.money import Money
from domain.pricing.codes import normalised_code
from tests.unit.pricing.offers import MONDAY_EVENING as NOW
from tests.unit.pricing.offers import code

TYPE = SessionTypeId(new_id())
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"valid_from": NOW},
        {"valid_until": NOW + SECOND},
        {"session_type_ids": (TYPE,)},
        {"max_uses": 2, "uses": 1},
        {"max_uses_per_person": 3},
        {"budget": Money(1000, "USD"), "discounted": 999},
    ],
)
def test_a_code_may_be_used_inside_all_its_limits(terms: dict[str, Any]) -> None:
    code(**terms).require_usable(TYPE, NOW, 2)


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        ({"archived": True}, Code.CODE_INVALID),
        ({"valid_from": NOW + SECOND}, Code.CODE_INVALID),
        ({"valid_until": NOW}, Code.CODE_INVALID),
        ({"session_type_ids": (SessionTypeId(new_id()),)}, Code.CODE_INVALID),
        ({"max_uses": 2, "uses": 2}, Code.CODE_USED_UP),
        ({"max_uses_per_person": 2}, Code.CODE_USED_UP),
        ({"budget": Money(1000, "USD"), "discounted": 1000}, Code.CODE_USED_UP),
        ({"valid_until": NOW, "max_uses": 1, "uses": 1}, Code.CODE_INVALID),
    ],
)
def test_a_code_is_refused_at_each_of_its_limits(terms: dict[str, Any], refusal: Code) -> None:
    with pytest.raises(Conflict) as refused:
        code(**terms).require_usable(TYPE, NOW, 2)

    assert refused.value.code is refusal


@pytest.mark.parametrize("written", ["welcome", " Welcome ", "WELCOME"])
def test_a_code_may_be_written_as_one_likes(written: str) -> None:
    assert normalised_code(written) == "WELCOME"
