"""By which ways a person wants to be told, by what it is about. The page itself always tells; nobody can be reached less."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.ids import UserId
from domain.notifications.kinds import Category
from domain.ports import Tx


@dataclass(frozen=True, slots=True)
class Ways:
    """Beside the page: by mail, by text message."""

    email: bool
    sms: bool = False


#: What nobody chose otherwise. A missed call is told on the page: mail would be too late for it.
DEFAULTS: dict[Category, Ways] = {
    Category.CALLS: Ways(email=False),
    Category.BOOKINGS: Ways(email=True),
    Category.REMINDERS: Ways(email=True),
    Category.PAYMENTS: Ways(email=True),
    Category.PEOPLE: Ways(email=True),
}


@dataclass(slots=True)
class Preferences:
    """What one person chose; ``id`` is the person."""

    id: UserId
    chosen: dict[Category, Ways] = field(default_factory=dict)
    version: int = 0

    def of(self, category: Category) -> Ways:
        """The ways for this category."""
        return self.chosen.get(category, DEFAULTS[category])

    def choose(self, wishes: dict[Category, Ways]) -> None:
        """Take over what is given; the others stay."""
        self.chosen = {**self.chosen, **wishes}


class PreferenceStore(Protocol):
    """One document for whoever chose something."""

    async def get(self, tx: Tx, user_id: UserId) -> Preferences:
        """What the person chose, or the defaults; read in the transaction."""
        ...

    async def of(self, tx: Tx, user_ids: Collection[UserId]) -> Mapping[UserId, Preferences]:
        """As :meth:`get`, of several."""
        ...

    async def save(self, tx: Tx, preferences: Preferences) -> None:
        """Write it and increment its version.

        Raises:
            Unavailable: somebody else wrote it meanwhile.
        """
        ...
