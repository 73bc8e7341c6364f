"""What an account may look like: the rules that need nothing but the value itself."""

import zoneinfo
from functools import cache

from domain.errors import Invalid

PASSWORD_MIN = 10
#: Passwords are digested before they are hashed, so only the cost of digesting limits them.
PASSWORD_MAX = 200
NAME_MAX = 80

#: ISO 3166-1 alpha-2 (https://www.iso.org/iso-3166-country-codes.html).
COUNTRIES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - a table reads better than 249 quoted strings
)


@cache
def time_zones() -> frozenset[str]:
    """The IANA zones this machine knows, and UTC on a machine that knows none."""
    return frozenset(zoneinfo.available_timezones()) | {"UTC"}


def normalised_email(email: str) -> str:
    """The form in which an address is kept and compared: trimmed, lower case."""
    return email.strip().lower()


def check_password(password: str) -> None:
    """Raise unless the password is long enough to keep and short enough to digest.

    Raises:
        Invalid: too short or too long.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid(f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters.")


def check_place(*, time_zone: str, billing_country: str) -> None:
    """Raise unless both are known.

    Raises:
        Invalid: no such IANA zone, or no such country.
    """
    if time_zone not in time_zones():
        raise Invalid("This time zone is not in the IANA database.", details={"timeZone": time_zone})
    if billing_country not in COUNTRIES:
        raise Invalid("This is not an ISO 3166 country.", details={"billingCountry": billing_country})
