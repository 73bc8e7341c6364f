"""What an admin sees of the running house, and does about what failed."""

from typing import Annotated

from pydantic import Field

from domain.calls.session import Side
from domain.calls.states import CallState
from domain.coaching.coach import Status
from domain.errors import Code
from domain.operations.dead_letters import DeadLetter, DeadLetters
from domain.operations.live_view import CallInProgress, LiveView, Overview, RunningProcess
from domain.operations.samples import Points, Series
from domain.operations.webhooks import ReceivedWebhook, WebhookLog
from domain.payments.audit import Invariant, LedgerAudit
from rest.endpoints.calls import PersonView
from rest.payloads import Amount, Cursor, Digits, Instant, PageSize, Query, Reply
from rest.registry import Call, admin, endpoint

#: What breaks an invariant is named up to this number.
VIOLATIONS_SHOWN = 20
MINUTES_MAX = 180

Minutes = Annotated[int, Field(ge=1, le=MINUTES_MAX), Digits]
Values = list[float | None]


class ProcessView(Reply):
    """One process by its heartbeat."""

    id: str
    kind: str = Field(description="server or worker")
    started_at: Instant | None = None
    heartbeat_age_seconds: float = Field(description="By the database's clock.")
    silent: bool = Field(description="Not heard for too long; what it held does not count any more.")
    sockets: dict[str, int] = Field(description="Per namespace.")

    @classmethod
    def of(cls, process: RunningProcess) -> "ProcessView":
        return cls(
            id=process.id,
            kind=process.kind,
            started_at=process.started_at,
            heartbeat_age_seconds=process.age.total_seconds(),
            silent=process.silent,
            sockets=dict(process.sockets),
        )


class CallInProgressView(Reply):
    """A call that is not over. All instants are domain time."""

    session_id: str
    client: PersonView
    coach: PersonView
    state: CallState
    since: Instant = Field(description="Since when it is in this state.")
    created_at: Instant
    live_at: Instant | None = None
    billable_seconds: int
    amount: Amount = Field(description="What it costs so far.")

    @classmethod
    def of(cls, running: CallInProgress) -> "CallInProgressView":
        call = running.call
        return cls(
            session_id=call.id,
            client=PersonView.of(call, Side.CALLER),
            coach=PersonView.of(call, Side.CALLEE),
            state=call.state,
            since=running.since,
            created_at=call.created_at,
            live_at=call.live_at,
            billable_seconds=running.billable_seconds,
            amount=Amount.of(running.amount),
        )


class CallsView(Reply):
    """Calls right now."""

    open: int
    by_state: dict[str, int] = Field(description="Open calls; states without one are left out.")
    settling: int = Field(description="Over, and the money is on its way.")
    items: list[CallInProgressView] = Field(description="The newest 50 open calls.")


class CoachesView(Reply):
    """Verified coaches by what watchers see."""

    online: int
    busy: int
    offline: int


class TimersView(Reply):
    """Durable timers."""

    waiting: int
    due: int = Field(description="Their time has come, and nobody has finished them yet.")
    overdue_seconds: float = Field(description="How late the most overdue one is, in domain seconds.")
    by_kind: dict[str, int]


class WebhooksView(Reply):
    """The gateway's events."""

    waiting: int
    oldest_waiting_seconds: float
    last_hour: dict[str, int] = Field(description="Received in the last hour and processed, by outcome.")


class InvariantView(Reply):
    """One thing the ledger must always say."""

    name: str
    meaning: str
    held: bool
    violations: list[str] = Field(description="What breaks it; the first 20.")

    @classmethod
    def of(cls, invariant: Invariant) -> "InvariantView":
        return cls(
            name=invariant.name,
            meaning=invariant.meaning,
            held=invariant.held,
            violations=list(invariant.violations[:VIOLATIONS_SHOWN]),
        )


class LedgerView(Reply):
    """The last audit."""

    checked_at: Instant | None = None
    healthy: bool
    invariants: list[InvariantView]

    @classmethod
    def of(cls, audit: LedgerAudit) -> "LedgerView":
        return cls(
            checked_at=audit.at,
            healthy=audit.report.healthy,
            invariants=[InvariantView.of(one) for one in audit.report.invariants],
        )


class OverviewReply(Reply):
    """The house right now."""

    at: Instant
    domain_time: Instant
    clock_speed: float = Field(description="Domain seconds per real second.")
    processes: list[ProcessView]
    sockets: int = Field(description="Of all processes that are heard.")
    sockets_by_namespace: dict[str, int]
    calls: CallsView
    coaches: CoachesView
    ticks: int = Field(description="Call minutes ticked in the last 5 minutes.")
    timers: TimersView
    dead_letters: int
    webhooks: WebhooksView
    outbox_unpublished: int = Field(description="Events that are committed and not published yet.")
    gateway_operations_unknown: int = Field(description="Asked half a minute ago or more, without an answer.")
    ledger: LedgerView | None = Field(default=None, description="Absent before the first audit.")

    @classmethod
    def of(cls, view: Overview) -> "OverviewReply":
        figures, coaches = view.figures, view.coaches
        return cls(
            at=view.at,
            domain_time=view.domain_time,
            clock_speed=view.clock_speed,
            processes=[ProcessView.of(one) for one in view.processes],
            sockets=sum(view.sockets.values()),
            sockets_by_namespace=dict(view.sockets),
            calls=_calls(view),
            coaches=CoachesView(**{status.value: coaches[status] for status in Status}),
            ticks=view.ticks,
            timers=TimersView(
                waiting=figures.timers.waiting,
                due=figures.timers.due,
                overdue_seconds=figures.timers.overdue_seconds,
                by_kind=dict(figures.timers.by_kind),
            ),
            dead_letters=figures.timers.dead,
            webhooks=WebhooksView(
                waiting=view.webhooks.waiting,
                oldest_waiting_seconds=view.webhooks.oldest_waiting_seconds,
                last_hour=dict(view.webhooks.by_outcome),
            ),
            outbox_unpublished=figures.unpublished,
            gateway_operations_unknown=view.unknown_operations,
            ledger=LedgerView.of(figures.ledger) if figures.ledger else None,
        )


class HistoryQuery(Query):
    """How far back."""

    minutes: Minutes = 60


class HistoryReply(Reply):
    """Series for charts. The n-th value is of `first` plus n steps; null where nothing is known."""

    first: Instant
    step_seconds: int
    sockets: Values
    open_calls: Values
    ticks_per_minute: Values
    events_in_per_second: Values = Field(description="Events of clients that were answered.")
    events_out_per_second: Values = Field(description="Events queued for clients.")
    timers_due: Values
    timers_late_seconds: Values = Field(description="The most overdue timer, in domain seconds.")
    webhooks_per_minute: Values
    errors_per_minute: Values = Field(
        description="Answers 5xx, events that failed for our part, failed timers."
    )

    @classmethod
    def of(cls, series: Series) -> "HistoryReply":
        return cls(
            first=series.first,
            step_seconds=round(series.step.total_seconds()),
            sockets=_rounded(series.sockets),
            open_calls=_rounded(series.open_calls),
            ticks_per_minute=_rounded(series.ticks_per_minute),
            events_in_per_second=_rounded(series.events_in_per_second),
            events_out_per_second=_rounded(series.events_out_per_second),
            timers_due=_rounded(series.timers_due),
            timers_late_seconds=_rounded(series.timers_late_seconds),
            webhooks_per_minute=_rounded(series.webhooks_per_minute),
            errors_per_minute=_rounded(series.errors_per_minute),
        )


class PageQuery(Query):
    """Place in a list."""

    cursor: Cursor | None = None
    limit: PageSize = 20


class DeadLetterView(Reply):
    """A timer that failed for good."""

    id: str
    kind: str
    key: str = Field(description="What it is about, for example the call.")
    attempts: int
    error: str
    since: Instant

    @classmethod
    def of(cls, letter: DeadLetter) -> "DeadLetterView":
        return cls(
            id=letter.id,
            kind=letter.kind,
            key=letter.key,
            attempts=letter.attempts,
            error=letter.error,
            since=letter.dead_at,
        )


class DeadLetterPage(Reply):
    """One page of dead letters."""

    items: list[DeadLetterView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class WebhookView(Reply):
    """One event of the gateway."""

    id: str
    type: str
    object_id: str
    created_at: Instant
    received_at: Instant
    outcome: str | None = Field(default=None, description="What came of it; absent while it waits.")
    attempts: int

    @classmethod
    def of(cls, event: ReceivedWebhook) -> "WebhookView":
        return cls(
            id=event.id,
            type=event.type,
            object_id=event.object_id,
            created_at=event.created_at,
            received_at=event.received_at,
            outcome=event.outcome,
            attempts=event.attempts,
        )


class WebhookPage(Reply):
    """One page of webhooks."""

    items: list[WebhookView]
    next_cursor: str | None = Field(default=None, description="Absent on the last page.")


class Admin:
    """The running house."""

    def __init__(self, live_view: LiveView, dead_letters: DeadLetters, webhooks: WebhookLog) -> None:
        self._live_view = live_view
        self._dead_letters = dead_letters
        self._webhooks = webhooks

    @endpoint("GET", "/api/admin/overview", may=admin, reply=OverviewReply)
    async def overview(self, call: Call[None, None]) -> OverviewReply:
        """Read how the house is right now.

        Processes, sockets, calls in progress, coaches, timers, webhooks, and what the last audit of the ledger said.
        """
        return OverviewReply.of(await self._live_view.overview(call.who))

    @endpoint("GET", "/api/admin/history", may=admin, query=HistoryQuery, reply=HistoryReply)
    async def history(self, call: Call[None, HistoryQuery]) -> HistoryReply:
        """Read the last hour, or up to three, as series for charts."""
        return HistoryReply.of(await self._live_view.history(call.who, call.query.minutes))

    @endpoint("GET", "/api/admin/dead-letters", may=admin, query=PageQuery, reply=DeadLetterPage)
    async def list_dead_letters(self, call: Call[None, PageQuery]) -> DeadLetterPage:
        """List timers that failed for good, newest first."""
        letters, cursor = await self._dead_letters.page(call.who, call.query.limit, call.query.cursor)
        return DeadLetterPage(items=[DeadLetterView.of(one) for one in letters], next_cursor=cursor)

    @endpoint(
        "POST",
        "/api/admin/dead-letters/{id}/replay",
        may=admin,
        reply=DeadLetterView,
        errors=(Code.NOT_FOUND,),
        idempotent=True,
    )
    async def replay_dead_letter(self, call: Call[None, None]) -> DeadLetterView:
        """Let a dead letter run again, now.

        Answers with what it was. Of several at once one wins, the others find it no longer dead. Should it die again,
        it comes back under another identifier.
        """
        return DeadLetterView.of(await self._dead_letters.replay(call.who, call.path["id"]))

    @endpoint("GET", "/api/admin/webhooks", may=admin, query=PageQuery, reply=WebhookPage)
    async def list_webhooks(self, call: Call[None, PageQuery]) -> WebhookPage:
        """List the gateway's events, the latest first."""
        events, cursor = await self._webhooks.page(call.who, call.query.limit, call.query.cursor)
        return WebhookPage(items=[WebhookView.of(one) for one in events], next_cursor=cursor)


def _calls(view: Overview) -> CallsView:
    return CallsView(
        open=sum(view.open_by_state.values()),
        by_state=dict(view.open_by_state),
        settling=view.figures.calls.get(CallState.ENDING.value, 0),
        items=[CallInProgressView.of(one) for one in view.calls],
    )


def _rounded(points: Points) -> Values:
    return [None if value is None else round(value, 2) for value in points]
