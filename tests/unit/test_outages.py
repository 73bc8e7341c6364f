"""Outages of the database in the domain's words, and what must not be taken for one."""

from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError, NetworkTimeout, PyMongoError, ServerSelectionTimeoutError

from adapters.mongo.outages import tells_outages
from domain.errors import Unavailable


@tells_outages
class Store:
    """Fails as it is told."""

    async def read(self, error: Exception) -> None:
        raise error

    async def write(self, tx: object, error: Exception) -> None:
        raise error

    async def either(self, error: Exception, tx: object | None = None) -> None:
        raise error


@pytest.mark.parametrize("outage", [ServerSelectionTimeoutError("gone"), NetworkTimeout("slow")])
async def test_a_store_that_meets_an_outage_is_unavailable(outage: PyMongoError) -> None:
    with pytest.raises(Unavailable) as raised:
        await Store().read(outage)

    assert raised.value.retryable
    assert raised.value.__cause__ is outage


@pytest.mark.parametrize("error", [DuplicateKeyError("twice"), ValueError("ours")])
async def test_other_errors_stay_what_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as raised:
        await Store().read(error)

    assert raised.value is error


@pytest.mark.parametrize("how", [lambda s, e: s.write("tx", e), lambda s, e: s.either(e, tx="tx")])
async def test_a_transaction_sees_the_drivers_own_error_and_its_labels(how: Any) -> None:
    outage = ServerSelectionTimeoutError("gone")

    with pytest.raises(ServerSelectionTimeoutError):
        await how(Store(), outage)


async def test_a_method_that_may_be_used_without_a_transaction_tells_outages_then() -> None:
    with pytest.raises(Unavailable):
        await Store().either(ServerSelectionTimeoutError("gone"))
