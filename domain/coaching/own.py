"""What only a coach can do."""

from domain.accounts.account import Identity
from domain.errors import Forbidden
from domain.ids import CoachId


def business_of(who: Identity) -> CoachId:
    """The coach that the asker is.

    Raises:
        Forbidden: none.
    """
    if who.coach_id is None:
        raise Forbidden("Only a coach can do this.")
    return who.coach_id
