"""Transfers to connected accounts and their reversals (https://docs.stripe.com/api/transfers)."""

from sandbox.call import Call, Reply, page_reply, read_window
from sandbox.currencies import read_currency
from sandbox.entities import Account, Charge, Transfer, TransferReversal, new_id
from sandbox.errors import ApiError, missing
from sandbox.money import PLATFORM, move, require_balance
from sandbox.render import render


def create(call: Call) -> Reply:
    """Move money to a connected account: out of a captured charge, or out of the available balance."""
    form = call.form
    amount, currency = form.required_integer("amount", minimum=1), read_currency(form)
    destination, source = form.required_text("destination"), form.text("source_transaction")
    transfer = Transfer(id=new_id("tr"), created=call.now, amount=amount, currency=currency)
    transfer.transfer_group, transfer.description = form.text("transfer_group"), form.text("description")
    transfer.metadata = form.metadata()
    form.done()
    account = call.need(Account, destination, "destination")
    if not account.details_submitted:
        raise ApiError(
            "Your destination account needs to have at least one of the following capabilities enabled: transfers",
            code="insufficient_capabilities_for_transfer",
        )
    if source is None:
        require_balance(call, PLATFORM, currency, amount)
    else:
        _draw_on(call, source, transfer)
    transfer.destination = account.id
    transfer.balance_transaction = move(call, "transfer", transfer.id, -amount, currency).id
    move(call, "payment", transfer.id, amount, currency, account=account.id)
    reply = call.answer(transfer)
    call.emit("transfer.created", transfer)
    return reply


def _draw_on(call: Call, source: str, transfer: Transfer) -> None:
    charge = call.need(Charge, source, "source_transaction")
    if charge.currency != transfer.currency:
        raise ApiError(
            f"The currency of source_transaction's balance transaction ({charge.currency}) must be the same as the"
            f" transfer currency ({transfer.currency})",
            param="currency",
        )
    left = charge.amount_captured - charge.amount_transferred
    if transfer.amount > left:
        raise ApiError(
            f"The transfers attempting to use source_transaction {charge.id} exceed its amount: {left} is left.",
            code="transfer_source_balance_parameters_mismatch",
            param="amount",
        )
    charge.amount_transferred += transfer.amount
    call.store.put(charge)
    transfer.source_transaction = charge.id
    transfer.transfer_group = transfer.transfer_group or charge.transfer_group


def reverse(call: Call) -> Reply:
    """Take back all that is left of a transfer, or ``amount`` of it, as far as the connected account has it."""
    form = call.form
    amount, description, metadata = (
        form.integer("amount", minimum=1),
        form.text("description"),
        form.metadata(),
    )
    form.done()
    transfer = call.target(Transfer)
    left = transfer.amount - transfer.amount_reversed
    amount = left if amount is None else amount
    if left == 0:
        raise ApiError(f"Transfer {transfer.id} is already fully reversed.")
    if amount > left:
        raise ApiError(
            f"Reversal amount ({amount}) is greater than unreversed amount ({left})", param="amount"
        )
    require_balance(call, transfer.destination, transfer.currency, amount)
    reversal = TransferReversal(
        id=new_id("trr"),
        created=call.now,
        transfer=transfer.id,
        amount=amount,
        currency=transfer.currency,
        description=description,
        metadata=metadata,
    )
    move(call, "payment_reversal", reversal.id, -amount, transfer.currency, account=transfer.destination)
    reversal.balance_transaction = move(call, "transfer_refund", reversal.id, amount, transfer.currency).id
    transfer.amount_reversed += amount
    call.store.put(transfer)
    reply = call.answer(reversal)
    call.emit("transfer.reversed", transfer)
    return reply


def list_reversals(call: Call) -> Reply:
    """``GET /v1/transfers/{id}/reversals``."""
    window = read_window(call.form)
    call.form.done()
    return page_reply(call, TransferReversal, window, parent=call.target(Transfer).id)


def retrieve_reversal(call: Call) -> Reply:
    """``GET /v1/transfers/{id}/reversals/{reversal}``."""
    call.form.done()
    reversal = call.need(TransferReversal, call.path["reversal"])
    if reversal.transfer != call.path["id"]:
        raise missing("transfer_reversal", reversal.id)
    return Reply(render(reversal))
