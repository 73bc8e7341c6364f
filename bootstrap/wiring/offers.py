"""What coaches offer and ask for it, wired to the stores."""

from dataclasses import dataclass

from billing.quotations import Quotations
from bootstrap.wiring.booking import BookingHouse
from bootstrap.wiring.stores import Stores
from domain.accounts.profiles import Profiles
from domain.booking.session_types import OfferPorts, SessionTypes
from domain.clock import Clock
from domain.pricing.desk import DiscountCodes, PriceRules


@dataclass(frozen=True)
class OfferHouse:
    """Session types and prices."""

    session_types: SessionTypes
    price_rules: PriceRules
    discount_codes: DiscountCodes
    quotations: Quotations


def build_offers(stores: Stores, profiles: Profiles, booking: BookingHouse, clock: Clock) -> OfferHouse:
    """One per process."""
    s = stores
    return OfferHouse(
        session_types=SessionTypes(OfferPorts(s.transact, s.session_types, s.coaches, profiles, clock)),
        price_rules=PriceRules(s.transact, s.price_rules, clock),
        discount_codes=DiscountCodes(s.transact, s.discount_codes, s.coaches, clock),
        quotations=Quotations(s.transact, s.session_types, booking.calendars, booking.prices, clock),
    )
