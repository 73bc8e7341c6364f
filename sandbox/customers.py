"""Customers (https://docs.stripe.com/api/customers)."""

from sandbox.call import Call, Reply, page_reply, read_window
from sandbox.entities import Customer, PaymentMethod, new_id
from sandbox.errors import missing
from sandbox.render import list_object, render

#: the value of ``deleted`` by which customers are listed, as SQLite keeps False in a text column
LIVING = "0"


def create(call: Call) -> Reply:
    """A customer, with an address for taxes when given."""
    customer = Customer(id=new_id("cus"), created=call.now)
    _read_into(call, customer)
    reply = call.answer(customer)
    call.emit("customer.created", customer)
    return reply


def update(call: Call) -> Reply:
    """Change what is given; metadata is merged."""
    customer = _living(call)
    _read_into(call, customer)
    reply = call.answer(customer)
    call.emit("customer.updated", customer)
    return reply


def _read_into(call: Call, customer: Customer) -> None:
    form = call.form
    customer.email = form.text("email", max_length=512) or customer.email
    customer.name = form.text("name", max_length=256) or customer.name
    customer.phone = form.text("phone", max_length=64) or customer.phone
    customer.description = form.text("description") or customer.description
    customer.address = form.strings("address") or customer.address
    merged = customer.metadata | form.metadata()
    customer.metadata = {key: value for key, value in merged.items() if value}
    default = None
    if "invoice_settings" in form:
        with form.within("invoice_settings") as settings:
            default = settings.text("default_payment_method")
    form.done()
    if default:
        method = call.need(PaymentMethod, default, "invoice_settings[default_payment_method]")
        if method.customer != customer.id:
            raise missing("payment_method", default, "invoice_settings[default_payment_method]")
        customer.default_payment_method = default


def _living(call: Call) -> Customer:
    customer = call.target(Customer)
    if customer.deleted:
        raise missing("customer", customer.id)
    return customer


def retrieve(call: Call) -> Reply:
    """The customer, or ``deleted: true`` for one that was."""
    call.form.done()
    customer = call.target(Customer)
    if customer.deleted:
        return Reply({"id": customer.id, "object": "customer", "deleted": True})
    return call.answer(customer)


def delete(call: Call) -> Reply:
    """Delete for good; saved payment methods are detached."""
    call.form.done()
    customer = _living(call)
    for method in call.store.every(PaymentMethod, customer=customer.id):
        method.customer, method.spent = None, True
        call.store.put(method)
        call.emit("payment_method.detached", method)
    customer.deleted = True
    call.store.put(customer)
    call.emit("customer.deleted", customer)
    return Reply({"id": customer.id, "object": "customer", "deleted": True})


def list_customers(call: Call) -> Reply:
    """Pages, optionally of one e-mail address."""
    window, email = read_window(call.form), call.form.text("email")
    call.form.done()
    if email is None:
        return page_reply(call, Customer, window, parent=LIVING)
    same = [
        customer for customer in call.store.every(Customer, parent=LIVING)[::-1] if customer.email == email
    ]
    return Reply(list_object([render(c) for c in same[: window.limit]], "/v1/customers"))
