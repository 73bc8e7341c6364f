"""How people find each other and are told things, wired to the stores."""

from dataclasses import dataclass

from bootstrap.wiring.stores import Stores
from domain.connections.visibility import CalendarPrivacy, CalendarVisibility


@dataclass(frozen=True)
class PeopleHouse:
    """Everything between people."""

    calendars: CalendarVisibility
    privacy: CalendarPrivacy


def build_people(stores: Stores) -> PeopleHouse:
    """One per process."""
    s = stores
    return PeopleHouse(
        calendars=CalendarVisibility(s.coaches, s.blocks, s.connections, s.calendar_privacy),
        privacy=CalendarPrivacy(s.transact, s.calendar_privacy),
    )
