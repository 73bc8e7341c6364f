"""Events and their deliveries, written in the transaction of the change they tell about."""

from dataclasses import dataclass

import orjson

from sandbox.entities import Event, WebhookEndpoint, new_id
from sandbox.errors import JsonObject
from sandbox.faults import FaultBook
from sandbox.store import Store


@dataclass(slots=True)
class EventLog:
    """Records events of one request (``request``, ``idempotency_key`` name it) at real time ``now``."""

    store: Store
    faults: FaultBook
    now: float
    request: str | None = None
    idempotency_key: str | None = None

    def emit(self, event_type: str, subject: str, body: JsonObject) -> None:
        """Record an event about ``subject`` and one delivery per endpoint that listens."""
        event = Event(
            id=new_id("evt"),
            created=int(self.now),
            type=event_type,
            subject=subject,
            body=orjson.dumps(body).decode(),
            request=self.request,
            idempotency_key=self.idempotency_key,
        )
        self.store.put(event)
        for endpoint in self.store.every(WebhookEndpoint):
            if endpoint.status == "enabled" and _listens(endpoint, event_type):
                for delay in self.faults.delivery_delays(event_type):
                    self.schedule(event.id, endpoint.id, self.now + delay)

    def schedule(self, event: str, endpoint: str, due: float) -> None:
        """One delivery, not before ``due`` (real time)."""
        self.store.connection.execute(
            "INSERT INTO deliveries (event, endpoint, due) VALUES (?, ?, ?)", (event, endpoint, due)
        )


def _listens(endpoint: WebhookEndpoint, event_type: str) -> bool:
    return "*" in endpoint.enabled_events or event_type in endpoint.enabled_events
