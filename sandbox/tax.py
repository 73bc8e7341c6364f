"""Tax calculations (https://docs.stripe.com/api/tax/calculations) with the standard rate of the customer's country.

Real Stripe Tax knows products, thresholds and registrations; here a country has one rate, and the United States have
none. As at Stripe, a customer there cannot be located by the country alone: a postal code is needed.
(https://docs.stripe.com/tax/customer-locations)
"""

from sandbox.call import Call, Reply
from sandbox.currencies import read_currency
from sandbox.entities import Customer, TaxCalculation, new_id
from sandbox.errors import ApiError, InvalidParameter
from sandbox.forms import Form
from sandbox.render_tax import tax_lines

#: Standard VAT/GST rates in basis points (europa.eu "VAT rules and rates" and national tax authorities, 2025).
RATES = {
    "AT": 2000, "BE": 2100, "BG": 2000, "CY": 1900, "CZ": 2100, "DE": 1900, "DK": 2500, "EE": 2400, "ES": 2100,
    "FI": 2550, "FR": 2000, "GR": 2400, "HR": 2500, "HU": 2700, "IE": 2300, "IT": 2200, "LT": 2100, "LU": 1700,
    "LV": 2100, "MT": 1800, "NL": 2100, "PL": 2300, "PT": 2300, "RO": 2100, "SE": 2500, "SI": 2200, "SK": 2300,
    "GB": 2000, "CH": 810, "NO": 2500, "AU": 1000, "CA": 500, "IN": 1800, "JP": 1000, "NZ": 1500, "SG": 900,
    "US": 0,
}  # fmt: skip

_LOCATED_BY_POSTAL_CODE = {"US"}


def tax_of(amount: int, basis_points: int, *, inclusive: bool) -> int:
    """The tax of a line in minor units, halves up: inside ``amount``, or on top of it."""
    if inclusive:
        net = (2 * amount * 10_000 + 10_000 + basis_points) // (2 * (10_000 + basis_points))
        return amount - net
    return (2 * amount * basis_points + 10_000) // 20_000


def calculate(call: Call) -> Reply:
    """The tax of some lines for a customer's location. Lines are exclusive unless they say ``inclusive``."""
    form = call.form
    calculation = TaxCalculation(id=new_id("taxcalc"), created=call.now, currency=read_currency(form))
    lines = [_read_line(line, index) for index, line in enumerate(form.forms("line_items"))]
    calculation.customer = form.text("customer")
    address = _read_details(form, calculation)
    form.done()
    if not lines:
        raise InvalidParameter(
            "Missing required param: line_items.", code="parameter_missing", param="line_items"
        )
    if calculation.customer is not None:
        address = call.need(Customer, calculation.customer, "customer").address
    country = address.get("country", "").upper()
    if len(country) != 2 or (country in _LOCATED_BY_POSTAL_CODE and not address.get("postal_code")):
        raise ApiError(
            "We could not determine the customer's tax location.", code="customer_tax_location_invalid"
        )
    calculation.country, calculation.state = country, address.get("state")
    calculation.postal_code, calculation.basis_points = address.get("postal_code"), RATES.get(country, 0)
    for line in lines:
        inclusive = line["tax_behavior"] == "inclusive"
        tax = tax_of(int(line["amount"]), calculation.basis_points, inclusive=inclusive)
        line["amount_tax"] = tax
        calculation.tax_inclusive += tax if inclusive else 0
        calculation.tax_exclusive += 0 if inclusive else tax
    calculation.lines = lines
    return call.answer(calculation)


def _read_line(form: Form, index: int) -> dict[str, str | int]:
    line: dict[str, str | int] = {
        "id": new_id("tax_li"),
        "amount": form.required_integer("amount"),
        "quantity": form.integer("quantity", minimum=1) or 1,
        "reference": form.text("reference") or f"L{index + 1}",
        "tax_behavior": form.choice("tax_behavior", {"inclusive", "exclusive"}) or "exclusive",
        "tax_code": form.text("tax_code") or "txcd_10000000",
    }
    form.done()
    return line


def _read_details(form: Form, calculation: TaxCalculation) -> dict[str, str]:
    if "customer_details" not in form:
        return {}
    with form.within("customer_details") as details:
        address = details.strings("address")
        source = details.choice("address_source", {"billing", "shipping"})
        details.choice("taxability_override", {"none"})
    if source is None:
        raise InvalidParameter(
            "Missing required param: customer_details[address_source].",
            code="parameter_missing",
            param="customer_details[address_source]",
        )
    calculation.address_source = source
    return address


def list_lines(call: Call) -> Reply:
    """``GET /v1/tax/calculations/{id}/line_items``."""
    call.form.integer("limit", minimum=1, maximum=100)
    call.form.done()
    return Reply(tax_lines(call.target(TaxCalculation)))
