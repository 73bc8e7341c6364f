"""The pages a customer or coach would see at Stripe: the 3-D Secure challenge and the onboarding.

Whoever knows the intent's client secret (or the onboarding link's secret) may answer, as at Stripe; no key is needed.
"""

import hmac
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from aiohttp import web

from sandbox import authorization, setup_intents
from sandbox.accounts import complete_onboarding
from sandbox.call import Reply
from sandbox.currencies import in_words
from sandbox.entities import Account, PaymentIntent, SetupIntent
from sandbox.errors import ApiError, missing
from sandbox.gateway import Gateway
from sandbox.html import page

_CHALLENGE_BUTTONS = (
    '<button name="outcome" value="complete">Complete</button>'
    '<button class="plain" name="outcome" value="fail">Fail</button>'
)


def _html(title: str, text: str, *, secret_name: str, secret: str, buttons: str) -> web.Response:
    form = (
        f'<form method="post"><input type="hidden" name="{secret_name}" value="{escape(secret)}">{buttons}</form>'
        if buttons
        else ""
    )
    return page(title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>{form}")


def _intent(gateway: Gateway, identifier: str, secret: str) -> PaymentIntent | SetupIntent:
    kind: type[PaymentIntent] | type[SetupIntent] = (
        SetupIntent if identifier.startswith("seti_") else PaymentIntent
    )
    found = gateway.store.get(kind, identifier)
    if found is None:
        raise missing(kind.object, identifier)
    if not hmac.compare_digest(found.client_secret.encode(), secret.encode()):
        raise ApiError("The client_secret provided does not match.", status=403, param="client_secret")
    return found


def show_challenge(gateway: Gateway, identifier: str, secret: str) -> web.Response:
    """The question of the card's bank. Without the secret the page asks for it: Stripe.js would know it."""
    if not secret:
        return _ask_for_secret()
    intent = _intent(gateway, identifier, secret)
    if intent.status != "requires_action":
        raise ApiError(f"There is nothing to authenticate: the status is {intent.status}.")
    text = "Your bank asks you to confirm that you are saving this card."
    if isinstance(intent, PaymentIntent):
        text = f"Your bank asks you to confirm a payment of {in_words(intent.amount, intent.currency)}."
    return _html("3D Secure", text, secret_name="client_secret", secret=secret, buttons=_CHALLENGE_BUTTONS)


def _ask_for_secret() -> web.Response:
    field = (
        '<label>Client secret <input name="client_secret" size="40" required></label><p>' + _CHALLENGE_BUTTONS
    )
    text = "Give the client secret of the payment to answer its authentication."
    return _html("3D Secure", text, secret_name="_", secret="", buttons=field)


def answer_challenge(gateway: Gateway, identifier: str, secret: str, outcome: str) -> Reply:
    """Pass or fail the challenge; the intent as it is afterwards (402 when the card then says no).

    Raises:
        ApiError: wrong secret, nothing to answer, or an unknown outcome.
    """
    if outcome not in ("complete", "fail"):
        raise ApiError("outcome must be complete or fail", param="outcome")
    with gateway.store.transaction():
        intent = _intent(gateway, identifier, secret)
        if intent.status != "requires_action":
            raise ApiError(
                f"There is nothing to authenticate: the status is {intent.status}.",
                code="payment_intent_unexpected_state",
            )
        call, passed = gateway.call(), outcome == "complete"
        if isinstance(intent, SetupIntent):
            reply = setup_intents.finish_challenge(call, intent, passed=passed)
        else:
            reply = authorization.finish_challenge(call, intent, passed=passed)
    gateway.committed()
    return reply


def after_challenge(gateway: Gateway, identifier: str, secret: str) -> web.Response:
    """Back to the ``return_url`` with the intent's id and secret, or a word of thanks when there is none."""
    intent = _intent(gateway, identifier, secret)
    if intent.return_url is None or urlsplit(intent.return_url).scheme not in ("http", "https"):
        text = "Done. You may close this page."
        return _html("3D Secure", text, secret_name="_", secret="", buttons="")
    parts = urlsplit(intent.return_url)
    query = [*parse_qsl(parts.query), (intent.object, intent.id), (f"{intent.object}_client_secret", secret)]
    return web.Response(status=303, headers={"Location": urlunsplit(parts._replace(query=urlencode(query)))})


def show_onboarding(gateway: Gateway, identifier: str, secret: str) -> web.Response:
    """What the coach would fill in at Stripe."""
    _account(gateway, identifier, secret)
    button = '<button name="outcome" value="complete">Submit everything</button>'
    text = f"Account {identifier} needs your details before it can be paid."
    return _html("Onboarding", text, secret_name="secret", secret=secret, buttons=button)


def finish_onboarding(gateway: Gateway, identifier: str, secret: str) -> str:
    """Finish; where to go back to."""
    with gateway.store.transaction():
        account = _account(gateway, identifier, secret)
        complete_onboarding(gateway.call(), account)
    gateway.committed()
    return account.onboarding_return_url or "/"


def _account(gateway: Gateway, identifier: str, secret: str) -> Account:
    account = gateway.store.get(Account, identifier)
    if account is None or not hmac.compare_digest(account.onboarding_secret.encode(), secret.encode()):
        raise missing("account", identifier)
    return account
