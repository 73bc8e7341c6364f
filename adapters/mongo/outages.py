"""An outage of the database, told in the domain's words: callers may come again, and nothing is wrong with them.

Inside a transaction the driver's own errors pass, because ``transact`` reads their labels; it is the transaction as a
whole that then becomes unavailable.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pymongo.errors import ConnectionFailure, PyMongoError

from domain.errors import Unavailable

C = TypeVar("C")
Method = Callable[..., Awaitable[Any]]
#: Parameters that carry a transaction.
_TRANSACTION = ("tx", "session")


def is_outage(error: PyMongoError) -> bool:
    """Whether the server was away, changing its role, or too slow: the same question may be answered later."""
    return isinstance(error, ConnectionFailure) or error.timeout


def tells_outages(store: type[C]) -> type[C]:
    """Have every public method of a store raise ``Unavailable`` when it meets an outage outside a transaction."""
    for name, method in list(vars(store).items()):
        if not name.startswith("_") and inspect.iscoroutinefunction(method):
            setattr(store, name, _telling(method))
    return store


def _telling(method: Method) -> Method:
    parameters = list(inspect.signature(method).parameters)
    places = [(name, parameters.index(name)) for name in _TRANSACTION if name in parameters]

    @functools.wraps(method)
    async def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return await method(*args, **kwargs)
        except PyMongoError as error:
            if not is_outage(error) or _in_transaction(places, args, kwargs):
                raise
            raise Unavailable("The database does not answer; please try again.") from error

    return told


def _in_transaction(places: list[tuple[str, int]], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return any((args[place] if place < len(args) else kwargs.get(name)) is not None for name, place in places)
