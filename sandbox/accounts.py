"""Connected accounts, their onboarding links and balances (https://docs.stripe.com/api/accounts)."""

import secrets

from sandbox.call import Call, Reply
from sandbox.currencies import MINIMUM
from sandbox.entities import Account, new_id
from sandbox.errors import JsonObject

_CURRENCY = {
    "US": "usd",
    "GB": "gbp",
    "CH": "chf",
    "CA": "cad",
    "AU": "aud",
    "SE": "sek",
    "DK": "dkk",
    "PL": "pln",
}


def create(call: Call) -> Reply:
    """An account that can be paid once its owner finished the onboarding."""
    form = call.form
    country = (form.text("country", max_length=2) or "US").upper()
    currency = (form.text("default_currency") or _CURRENCY.get(country, "eur")).lower()
    account = Account(id=new_id("acct"), created=call.now, country=country)
    account.default_currency = currency if currency in MINIMUM else "usd"
    account.type = form.choice("type", {"express", "custom", "standard"}) or "express"
    account.email = form.text("email")
    account.business_type = form.choice("business_type", {"individual", "company", "non_profit"})
    account.metadata = form.metadata()
    account.onboarding_secret = secrets.token_urlsafe(24)
    with form.within("capabilities") as capabilities:
        for capability in ("transfers", "card_payments"):
            with capabilities.within(capability) as wanted:
                wanted.boolean("requested")
    form.done()
    reply = call.answer(account)
    call.emit("account.updated", account)
    return reply


def create_link(call: Call) -> Reply:
    """A page of ours on which the owner finishes the onboarding."""
    form = call.form
    account_id = form.required_text("account")
    form.required_text("refresh_url")
    return_url = form.required_text("return_url")
    form.choice("type", {"account_onboarding", "account_update"})
    form.done()
    account = call.need(Account, account_id, "account")
    account.onboarding_return_url = return_url
    call.store.put(account)
    url = f"{call.origin}/_sandbox/onboarding/{account.id}?secret={account.onboarding_secret}"
    return Reply({"object": "account_link", "created": call.now, "expires_at": call.now + 300, "url": url})


def complete_onboarding(call: Call, account: Account) -> None:
    """The owner gave everything that was asked for."""
    account.details_submitted = True
    call.store.put(account)
    call.emit("account.updated", account)


def balance(call: Call) -> Reply:
    """``GET /v1/balance`` of the platform, or of ``Stripe-Account``. Everything is available at once."""
    call.form.done()
    rows = call.store.connection.execute(
        "SELECT currency, amount FROM balances WHERE account=? ORDER BY currency", (call.account,)
    ).fetchall()
    available: list[JsonObject] = [
        {"amount": row["amount"], "currency": row["currency"], "source_types": {"card": row["amount"]}}
        for row in rows
    ]
    pending: list[JsonObject] = [
        {"amount": 0, "currency": row["currency"], "source_types": {"card": 0}} for row in rows
    ]
    return Reply({"object": "balance", "livemode": False, "available": available, "pending": pending})
