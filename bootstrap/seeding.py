"""Filling a new house: the demo accounts, and what the demo coach offers."""

from adapters.passwords import BcryptHasher
from bootstrap.demo import DEMO_COACH, DemoPorts, seed_demo
from bootstrap.demo_offers import OfferDemo, seed_offers
from bootstrap.settings import Settings
from bootstrap.wiring.availability import build_availability
from bootstrap.wiring.booking import BookingHouse
from bootstrap.wiring.common import open_common
from bootstrap.wiring.offers import build_offers
from bootstrap.wiring.stores import Stores
from domain.accounts.account import Identity
from domain.accounts.profiles import Profiles
from domain.accounts.registration import Registration
from domain.clock import Clock


async def seed_house(settings: Settings) -> None:
    """Make what is missing, at every start of ``rapport up``; needs the stores and the gateway."""
    hasher = BcryptHasher(settings.password_cost)
    try:
        async with open_common(settings, "seed") as common:
            s, clock = common.stores, common.clock
            registration = Registration(s.transact, s.accounts, s.coaches, hasher, clock)
            ports = DemoPorts(s.transact, s.accounts, s.coaches, registration, common.payment_methods, clock)
            people = await seed_demo(ports)
            await seed_coach(s, common.booking, clock, people[DEMO_COACH])
    finally:
        hasher.close()


async def seed_coach(stores: Stores, booking: BookingHouse, clock: Clock, coach: Identity) -> None:
    """Let a coach offer what a demo coach offers, as far as there is nothing yet."""
    s = stores
    profiles = Profiles(s.transact, s.accounts, s.coaches, s.blocks, s.directory, clock)
    offers = build_offers(s, profiles, booking, clock)
    schedules = build_availability(s, booking.calendars, clock).schedules
    ports = OfferDemo(offers.session_types, offers.price_rules, offers.discount_codes, schedules)
    assert coach.coach_id is not None
    (business,) = await s.coaches.find([coach.coach_id])
    await seed_offers(ports, coach, business.rate_per_minute.currency)
