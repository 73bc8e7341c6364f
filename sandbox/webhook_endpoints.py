"""Webhook endpoints (https://docs.stripe.com/api/webhook_endpoints); the secret is shown once, when it is made."""

import secrets
from urllib.parse import urlsplit

from sandbox.call import Call, Reply
from sandbox.entities import WebhookEndpoint, new_id
from sandbox.errors import InvalidParameter


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidParameter(f"Invalid URL: {url}", code="url_invalid", param="url")
    return url


def create(call: Call) -> Reply:
    """Listen to some events, or to all with ``*``."""
    form = call.form
    url, events = _check_url(form.required_text("url")), form.texts("enabled_events")
    description, metadata = form.text("description"), form.metadata()
    form.text("api_version")
    form.done()
    if not events:
        raise InvalidParameter(
            "Missing required param: enabled_events.", code="parameter_missing", param="enabled_events"
        )
    endpoint = WebhookEndpoint(
        id=new_id("we"),
        created=call.now,
        url=url,
        secret="whsec_" + secrets.token_urlsafe(24),
        enabled_events=events,
        description=description,
        metadata=metadata,
    )
    reply = call.answer(endpoint)
    return Reply(reply.body | {"secret": endpoint.secret})


def update(call: Call) -> Reply:
    """Change address, events or whether it is on."""
    form = call.form
    endpoint = call.target(WebhookEndpoint)
    url, events, disabled = form.text("url"), form.texts("enabled_events"), form.text("disabled")
    endpoint.description = form.text("description") or endpoint.description
    metadata = endpoint.metadata | form.metadata()
    form.done()
    endpoint.url = endpoint.url if url is None else _check_url(url)
    endpoint.enabled_events = events or endpoint.enabled_events
    endpoint.metadata = {key: value for key, value in metadata.items() if value}
    if disabled is not None:
        endpoint.status = "disabled" if disabled == "true" else "enabled"
    return call.answer(endpoint)


def delete(call: Call) -> Reply:
    """Stop listening for good."""
    call.form.done()
    endpoint = call.target(WebhookEndpoint)
    call.store.delete(endpoint)
    call.store.connection.execute("DELETE FROM deliveries WHERE endpoint=?", (endpoint.id,))
    return Reply({"id": endpoint.id, "object": "webhook_endpoint", "deleted": True})
