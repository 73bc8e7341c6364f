"""``POST /_sandbox/…``: what only a sandbox can do. Needs the secret key."""

import math
from typing import Annotated, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.accounts import complete_onboarding
from sandbox.entities import Account, Event, PaymentIntent, WebhookEndpoint
from sandbox.errors import InvalidParameter, JsonObject, missing
from sandbox.faults import Fault, FaultSpec
from sandbox.gateway import Gateway
from sandbox.holds import expire
from sandbox.intent_states import check
from sandbox.render import render

M = TypeVar("M", bound=BaseModel)


class ExpireHolds(BaseModel):
    """One hold, or all."""

    model_config = ConfigDict(extra="forbid")

    payment_intent: str | None = None


class ForgetKeys(BaseModel):
    """Idempotency keys older than this many real seconds."""

    model_config = ConfigDict(extra="forbid")

    older_than: Annotated[float, Field(ge=0)] = 0.0


def _read(model: type[M], body: bytes) -> M:
    try:
        return model.model_validate(orjson.loads(body or b"{}"))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidParameter(f"{where}: {first['msg']}", code="parameter_invalid", param=where) from error
    except orjson.JSONDecodeError as error:
        raise InvalidParameter(f"Invalid JSON: {error}") from error


def _show(fault: Fault) -> JsonObject:
    spec = fault.spec.model_dump(by_alias=True, exclude_defaults=True)
    return {"id": fault.id, "seen": fault.seen, "hits": fault.hits} | spec


def add_fault(gateway: Gateway, body: bytes) -> JsonObject:
    """Put a fault in force."""
    with gateway.store.transaction():
        return _show(gateway.faults.add(_read(FaultSpec, body)))


def list_faults(gateway: Gateway) -> JsonObject:
    """The faults in force, with their counts."""
    return {"object": "list", "data": [_show(fault) for fault in gateway.faults.every()], "has_more": False}


def clear_faults(gateway: Gateway) -> JsonObject:
    """End all faults."""
    with gateway.store.transaction():
        return {"cleared": gateway.faults.clear()}


def expire_holds(gateway: Gateway, body: bytes) -> JsonObject:
    """Let one hold, or every hold, lapse now."""
    wanted = _read(ExpireHolds, body).payment_intent
    if wanted is None:
        return {"expired": gateway.lapse(math.inf)}
    with gateway.store.transaction():
        intent = gateway.call().need(PaymentIntent, wanted, "payment_intent")
        check(intent, "expire")
        expire(gateway.call(), intent)
    gateway.committed()
    return {"expired": 1}


def end_refunds(gateway: Gateway) -> JsonObject:
    """Let every refund that is not over succeed or fail now, as its card says."""
    return {"ended": gateway.end_refunds(math.inf)}


def forget_keys(gateway: Gateway, body: bytes) -> JsonObject:
    """Forget idempotency keys, as Stripe may after a day."""
    older_than = _read(ForgetKeys, body).older_than
    with gateway.store.transaction():
        return {"forgotten": gateway.keys.forget(gateway.config.clock.real() - older_than)}


def resend_event(gateway: Gateway, identifier: str) -> JsonObject:
    """Deliver an event once more to every endpoint."""
    with gateway.store.transaction():
        event = gateway.store.get(Event, identifier)
        if event is None:
            raise missing("event", identifier)
        call = gateway.call()
        for endpoint in gateway.store.every(WebhookEndpoint):
            call.events.schedule(event.id, endpoint.id, call.events.now)
    gateway.deliverer.wake()
    return render(event)


def onboard(gateway: Gateway, identifier: str) -> JsonObject:
    """Finish an account's onboarding without its page."""
    with gateway.store.transaction():
        account = gateway.call().need(Account, identifier)
        complete_onboarding(gateway.call(), account)
    gateway.committed()
    return render(account)
