"""Tax calculations as Stripe shows them."""

from sandbox.entities import TaxCalculation
from sandbox.errors import JsonObject


def tax_lines(calculation: TaxCalculation) -> JsonObject:
    """``line_items``, shown only when expanded or listed."""
    items: list[JsonObject] = [
        {"object": "tax.calculation_line_item", "livemode": False, "metadata": {}, **line}
        for line in calculation.lines
    ]
    url = f"/v1/tax/calculations/{calculation.id}/line_items"
    return {"object": "list", "data": items, "has_more": False, "url": url}


def tax_calculation(calculation: TaxCalculation) -> JsonObject:
    """The calculation without its lines."""
    inclusive, exclusive = calculation.tax_inclusive, calculation.tax_exclusive
    amounts = [int(line["amount"]) for line in calculation.lines]
    percent = f"{calculation.basis_points / 100:g}"
    breakdown: JsonObject = {
        "amount": inclusive + exclusive,
        "inclusive": inclusive > 0,
        "tax_rate_details": {
            "country": calculation.country,
            "percentage_decimal": percent,
            "rate_type": "percentage",
            "state": calculation.state,
            "tax_type": "vat" if calculation.basis_points else None,
        },
        "taxability_reason": "standard_rated" if calculation.basis_points else "not_collecting",
        "taxable_amount": sum(amounts) - inclusive if calculation.basis_points else 0,
    }
    return {
        "amount_total": sum(amounts) + exclusive,
        "currency": calculation.currency,
        "customer": calculation.customer,
        "customer_details": {
            "address": {
                "country": calculation.country,
                "state": calculation.state,
                "postal_code": calculation.postal_code,
            },
            "address_source": calculation.address_source,
            "tax_ids": [],
            "taxability_override": "none",
        },
        "expires_at": calculation.created + 90 * 86400,
        "line_items": None,
        "shipping_cost": None,
        "tax_amount_exclusive": exclusive,
        "tax_amount_inclusive": inclusive,
        "tax_breakdown": [breakdown],
        "tax_date": calculation.created,
    }
