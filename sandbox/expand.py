"""``expand[]`` (https://docs.stripe.com/api/expanding_objects): ids replaced by the objects they name."""

from sandbox.entities import KINDS, CheckoutSession, TaxCalculation, Transfer, TransferReversal
from sandbox.errors import InvalidParameter, JsonObject
from sandbox.forms import Form
from sandbox.render import list_object, render
from sandbox.render_checkout import checkout_lines
from sandbox.render_tax import tax_lines
from sandbox.store import Store, Window

_MAX_DEPTH = 4
_BY_PREFIX = {kind.prefix: kind for kind in KINDS}


def read_expand(form: Form) -> list[list[str]]:
    """The paths asked for.

    Raises:
        InvalidParameter: deeper than Stripe's four levels.
    """
    paths = [path.split(".") for path in form.texts("expand")]
    for path in paths:
        if len(path) > _MAX_DEPTH + (path[0] == "data"):
            raise InvalidParameter(
                f"You cannot expand more than {_MAX_DEPTH} levels of a property", param="expand"
            )
    return paths


def expand(store: Store, shown: JsonObject, paths: list[list[str]]) -> JsonObject:
    """``shown`` with every path expanded.

    Raises:
        InvalidParameter: a property that does not exist or is no reference.
    """
    for path in paths:
        _expand(store, shown, path)
    return shown


def _expand(store: Store, place: JsonObject, path: list[str]) -> None:
    name, rest = path[0], path[1:]
    # Stripe leaves the lines of a session out unless they are asked for.
    if name not in place and (name, place.get("object")) != ("line_items", "checkout.session"):
        raise InvalidParameter(f"This property cannot be expanded ({name}).", param="expand")
    value = place.get(name)
    if name in ("line_items", "reversals"):
        place[name] = _sublist(store, place, name)
    elif isinstance(value, str):
        place[name] = value = _object(store, value, name)
    if not rest:
        return
    for child in value if isinstance(value, list) else [value]:
        if isinstance(child, dict):
            _expand(store, child, rest)


def _object(store: Store, identifier: str, name: str) -> JsonObject:
    kind = _BY_PREFIX.get(identifier.rsplit("_", 1)[0])
    found = None if kind is None else store.get(kind, identifier)
    if found is None:
        raise InvalidParameter(f"This property cannot be expanded ({name}).", param="expand")
    return render(found)


def _sublist(store: Store, place: JsonObject, name: str) -> object:
    identifier = str(place["id"])
    if name == "line_items" and (calculation := store.get(TaxCalculation, identifier)):
        return tax_lines(calculation)
    if name == "line_items" and (session := store.get(CheckoutSession, identifier)):
        return checkout_lines(session)
    if name == "reversals" and store.get(Transfer, identifier):
        found, more = store.page(TransferReversal, Window(), parent=identifier)
        return list_object(
            [render(item) for item in found], f"/v1/transfers/{identifier}/reversals", more=more
        )
    return place[name]
