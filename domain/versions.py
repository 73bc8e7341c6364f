"""Two people who edit the same thing: the second one is told, instead of undoing what the first one did."""

from domain.errors import Code, Conflict


def require_version(given: int, present: int) -> None:
    """Raise unless an update was made from what is stored. Compare in the transaction that writes.

    Raises:
        Conflict: VERSION_MISMATCH.
    """
    if given != present:
        raise Conflict(
            "Somebody changed this meanwhile; please read it again.",
            code=Code.VERSION_MISMATCH,
            details={"version": present},
        )
