"""One API request while it runs: what a handler may touch, and how it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sandbox.config import SandboxConfig
from sandbox.entities import Entity
from sandbox.errors import JsonObject, missing
from sandbox.event_log import EventLog
from sandbox.faults import FaultBook
from sandbox.forms import Form
from sandbox.render import list_object, render
from sandbox.store import Store, Window

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose effects are kept, also when it is an error (a declined card)."""

    body: JsonObject
    status: int = 200


@dataclass(slots=True)
class Call:
    """Handlers run inside one transaction; raising ``ApiError`` takes their writes back."""

    store: Store
    config: SandboxConfig
    events: EventLog
    faults: FaultBook
    form: Form
    path: Mapping[str, str]
    #: real time of the request, Unix seconds
    now: int
    #: scheme and host by which we were called
    origin: str
    #: the connected account the request acts for; "" is the platform
    account: str

    def need(self, kind: type[E], identifier: str, param: str = "id") -> E:
        """An entity by id.

        Raises:
            ApiError: ``resource_missing``.
        """
        found = self.store.get(kind, identifier)
        if found is None:
            raise missing(kind.object, identifier, param)
        return found

    def target(self, kind: type[E]) -> E:
        """The entity named by the path."""
        return self.need(kind, self.path["id"])

    def emit(self, event_type: str, entity: Entity) -> None:
        """Record an event about an entity as it is now."""
        self.events.emit(event_type, entity.id, render(entity))

    def answer(self, entity: Entity) -> Reply:
        """Keep the entity and show it."""
        self.store.put(entity)
        return Reply(render(entity))


Handler = Callable[[Call], Reply]


def read_window(form: Form) -> Window:
    """``limit``, ``starting_after``, ``ending_before`` and ``created`` (exact, or gt/gte/lt/lte)."""
    limit = form.integer("limit", minimum=1, maximum=100) or 10
    after, before = form.text("starting_after"), form.text("ending_before")
    since, until = _read_created(form)
    return Window(limit=limit, after=after, before=before, since=since, until=until)


def _read_created(form: Form) -> tuple[int | None, int | None]:
    if "created" not in form:
        return None, None
    if not form.is_object("created"):
        exact = form.required_integer("created")
        return exact, exact
    with form.within("created") as bounds:
        gt, gte = bounds.integer("gt"), bounds.integer("gte")
        lt, lte = bounds.integer("lt"), bounds.integer("lte")
    since = [bound for bound in (None if gt is None else gt + 1, gte) if bound is not None]
    until = [bound for bound in (None if lt is None else lt - 1, lte) if bound is not None]
    return (max(since) if since else None), (min(until) if until else None)


def retrieve_handler(kind: type[E]) -> Handler:
    """``GET /v1/…/{id}``."""

    def retrieve(call: Call) -> Reply:
        call.form.done()
        return Reply(render(call.target(kind)))

    return retrieve


def list_handler(kind: type[E], *, parent_param: str | None = None) -> Handler:
    """``GET /v1/…``: pages, filtered by customer and by the kind's parent where it has them."""

    def list_page(call: Call) -> Reply:
        window = read_window(call.form)
        customer = call.form.text("customer") if kind.customer_field else None
        parent = call.form.text(parent_param) if parent_param else None
        call.form.done()
        return page_reply(call, kind, window, customer=customer, parent=parent)

    return list_page


def page_reply(
    call: Call, kind: type[E], window: Window, *, customer: str | None = None, parent: str | None = None
) -> Reply:
    """One page of a kind.

    Raises:
        ApiError: a cursor that does not exist.
    """
    for param, cursor in (("starting_after", window.after), ("ending_before", window.before)):
        if cursor is not None and call.store.get(kind, cursor) is None:
            raise missing(kind.object, cursor, param)
    found, more = call.store.page(kind, window, customer=customer, parent=parent)
    url = f"/v1/{kind.object.replace('.', '/')}s"
    return Reply(list_object([render(entity) for entity in found], url, more=more))
