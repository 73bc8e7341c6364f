"""Who may look behind the house."""

from domain.accounts.account import Identity, Role
from domain.errors import Forbidden


def require_admin(who: Identity) -> None:
    """Raise ``Forbidden`` for anybody but an admin."""
    if who.role is not Role.ADMIN:
        raise Forbidden("Only an admin may see this.")
