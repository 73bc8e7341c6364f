"""Payment methods (https://docs.stripe.com/api/payment_methods): test tokens, attach, detach, list."""

from sandbox.call import Call, Reply, page_reply, read_window
from sandbox.cards import CARDS, DECLINES, card_of_token
from sandbox.entities import Customer, PaymentMethod, new_id
from sandbox.errors import ApiError, InvalidParameter, missing
from sandbox.forms import Form
from sandbox.render import render


def create(call: Call) -> Reply:
    """From a test token (``card[token]=tok_visa``): raw card numbers are refused, as Stripe does by default."""
    form = call.form
    if form.required_text("type") != "card":
        raise InvalidParameter("Only cards are supported here.", param="type", code="parameter_invalid")
    with form.within("card") as card_form:
        token = card_form.required_text("token")
    name, email, address = _read_billing(form)
    metadata = form.metadata()
    form.done()
    card = card_of_token("pm_card_" + token.removeprefix("tok_"))
    if card is None or not token.startswith("tok_"):
        raise missing("token", token, "card[token]")
    method = PaymentMethod(
        id=new_id("pm"),
        created=call.now,
        card=card,
        name=name,
        email=email,
        address=_address(card) | address,
        metadata=metadata,
    )
    return call.answer(method)


def _read_billing(form: Form) -> tuple[str | None, str | None, dict[str, str]]:
    with form.within("billing_details") as billing:
        billing.text("phone")
        return billing.text("name"), billing.text("email"), billing.strings("address")


def _address(card: str) -> dict[str, str]:
    code = CARDS[card].postal_code
    return {} if code is None else {"postal_code": code}


def resolve(call: Call, identifier: str, param: str) -> PaymentMethod:
    """A payment method by id; a ``pm_card_…`` token makes a new one each time, as at Stripe.

    Raises:
        ApiError: ``resource_missing``, or a method that was used up.
    """
    card = card_of_token(identifier)
    if card is not None:
        method = PaymentMethod(id=new_id("pm"), created=call.now, card=card, address=_address(card))
        call.store.put(method)
        return method
    found = call.need(PaymentMethod, identifier, param)
    if found.spent:
        raise ApiError(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, or was"
            " detached from a Customer. It may not be used again.",
            code="payment_method_unexpected_state",
            param=param,
        )
    return found


def attach(call: Call) -> Reply:
    """Attach to a customer; some test cards are refused here already, with 402."""
    customer_id = call.form.required_text("customer")
    call.form.done()
    customer = call.need(Customer, customer_id, "customer")
    method = resolve(call, call.path["id"], "id")
    if method.customer not in (None, customer.id):
        raise ApiError(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    card = CARDS[method.card]
    if card.refuses_attach and card.decline is not None:
        code, message = DECLINES[card.decline]
        raise ApiError(
            message, status=402, kind="card_error", code=code, extra={"decline_code": card.decline}
        )
    method.customer = customer.id
    reply = call.answer(method)
    call.emit("payment_method.attached", method)
    return reply


def detach(call: Call) -> Reply:
    """Detach: the method can never be used again."""
    call.form.done()
    method = call.target(PaymentMethod)
    if method.customer is None:
        raise ApiError(
            "The payment method you provided is not attached to a customer so detachment is impossible.",
            code="payment_method_unexpected_state",
        )
    owner = call.store.get(Customer, method.customer)
    if owner is not None and owner.default_payment_method == method.id:
        owner.default_payment_method = None
        call.store.put(owner)
    method.customer, method.spent = None, True
    reply = call.answer(method)
    call.emit("payment_method.detached", method)
    return reply


def update(call: Call) -> Reply:
    """Billing details and metadata."""
    name, email, address = _read_billing(call.form)
    metadata = call.form.metadata()
    call.form.done()
    method = call.target(PaymentMethod)
    method.name, method.email = name or method.name, email or method.email
    method.address = method.address | address
    method.metadata = {key: value for key, value in (method.metadata | metadata).items() if value}
    reply = call.answer(method)
    call.emit("payment_method.updated", method)
    return reply


def list_methods(call: Call) -> Reply:
    """``GET /v1/payment_methods?customer=…``: only a customer's methods can be listed."""
    customer = call.form.required_text("customer")
    return _list(call, customer)


def list_of_customer(call: Call) -> Reply:
    """``GET /v1/customers/{id}/payment_methods``."""
    return _list(call, call.path["id"])


def _list(call: Call, customer: str) -> Reply:
    call.form.choice("type", {"card"})
    window = read_window(call.form)
    call.form.done()
    call.need(Customer, customer, "customer")
    return page_reply(call, PaymentMethod, window, customer=customer)


def retrieve_of_customer(call: Call) -> Reply:
    """``GET /v1/customers/{id}/payment_methods/{method}``."""
    call.form.done()
    method = call.need(PaymentMethod, call.path["method"], "payment_method")
    if method.customer != call.path["id"]:
        raise missing("payment_method", method.id)
    return Reply(render(method))
