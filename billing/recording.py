"""What the gateway said about a block, written into the call: once, whoever hears it first."""

from domain.calls.evidence import Evidence
from domain.calls.flow import CallFlow
from domain.calls.holds import UNRESOLVED, Hold, HoldState
from domain.calls.meter import arm_meter, authorize_at
from domain.calls.ports import CallStore
from domain.calls.session import EndReason, LiveSession, Proofs
from domain.calls.states import CallState, Move
from domain.events import LiveSessionExtended, LiveSessionLowBalance, ToCall
from domain.ids import SessionId
from domain.payments.gateway import Intent, IntentState
from domain.payments.operations import GatewayOperation, OperationState, OperationStore
from domain.payments.refusals import TOLD_TO_COACH, told_to_client
from domain.ports import Transactions, Tx
from domain.timers import TimerKind

_BEFORE_RINGING = (CallState.RESERVING, CallState.REQUIRES_ACTION)


class Recorder:
    """Request, webhook and repair may all bring the same answer; the hold's state lets only the first count."""

    def __init__(
        self,
        *,
        transact: Transactions,
        flow: CallFlow,
        calls: CallStore,
        evidence: Evidence,
        operations: OperationStore,
    ) -> None:
        self._transact = transact
        self._flow = flow
        self._calls = calls
        self._evidence = evidence
        self._operations = operations

    async def answered(self, operation: GatewayOperation, intent: Intent) -> None:
        """Record an intent in whatever state the gateway has it."""
        match intent.state:
            case IntentState.AUTHORIZED:
                await self._authorized(operation, intent)
            case IntentState.REQUIRES_ACTION:
                await self._action_required(operation, intent)
            case IntentState.REQUIRES_PAYMENT_METHOD:
                await self.refused(operation, intent.last_error or "card_declined", intent.id)
            case IntentState.CANCELLED:
                await self._cancelled(operation, intent)
            case _:
                # PROCESSING: the gateway will tell. SUCCEEDED: captured by settlement, recorded there.
                return

    async def _authorized(self, operation: GatewayOperation, intent: Intent) -> None:
        proofs = await self._evidence.of(operation.of_call)

        async def work(tx: Tx) -> None:
            call, hold = await self._open_hold(tx, operation)
            if hold is None:
                return
            hold.state, hold.intent_id, hold.client_secret = HoldState.AUTHORIZED, intent.id, None
            hold.expires_at = intent.capture_before
            hold.card_country, hold.card_postal_code = intent.card_country, intent.card_postal_code
            await self._finish(tx, operation, OperationState.SUCCEEDED, None)
            self._note(call, "authorized_block", hold)
            if call.state in _BEFORE_RINGING and not call.overtime:
                await self._flow.ring(tx, call)
                return
            if not call.open:
                # Too late: whoever records it has it released.
                tx.arm(TimerKind.SETTLE, call.id, self._flow.clock.now())
            call.low_balance = False
            if call.open and call.overtime:
                await self._flow.overtime.authorized(tx, call, hold, proofs)
            elif call.open:
                self._flow.to_call(tx, call, LiveSessionExtended(call.id, call.authorized_seconds))
            arm_meter(tx, call, self._flow.clock, proofs, self._flow.terms)
            await self._calls.save(tx, call)

        await self._transact(work)

    async def _action_required(self, operation: GatewayOperation, intent: Intent) -> None:
        async def work(tx: Tx) -> None:
            call, hold = await self._open_hold(tx, operation)
            if hold is None or hold.state is HoldState.REQUIRES_ACTION:
                return
            hold.state, hold.intent_id = HoldState.REQUIRES_ACTION, intent.id
            hold.client_secret = intent.client_secret
            self._note(call, "action_required", hold)
            if call.open and call.overtime:
                await self._flow.overtime.action_required(tx, call, hold)
                await self._calls.save(tx, call)
            elif call.state is CallState.RESERVING:
                await self._flow.require_action(tx, call)
            elif call.open:
                await self.low_balance(tx, call, "authentication_required", secret=intent.client_secret)
            else:
                tx.arm(TimerKind.SETTLE, call.id, self._flow.clock.now())
                await self._calls.save(tx, call)

        await self._transact(work)

    async def refused(self, operation: GatewayOperation, code: str, intent_id: str | None = None) -> None:
        """Record a definitive no: an open call gives up, or is told how long it can go on.

        The exact ``code`` stays in the operation; the call knows only what its client may read.
        """
        told = told_to_client(code)

        async def work(tx: Tx) -> None:
            call, hold = await self._open_hold(tx, operation)
            if hold is None:
                return
            hold.state, hold.refusal, hold.client_secret = HoldState.REFUSED, told, None
            hold.intent_id = hold.intent_id or intent_id
            await self._finish(tx, operation, OperationState.REFUSED, code)
            self._note(call, "refused_block", hold)
            await self._without(tx, call, hold, told)

        await self._transact(work)

    async def _cancelled(self, operation: GatewayOperation, intent: Intent) -> None:
        async def work(tx: Tx) -> None:
            call, hold = await self._open_hold(tx, operation)
            if hold is None:
                return
            hold.state, hold.intent_id, hold.client_secret = HoldState.CANCELLED, intent.id, None
            await self._finish(tx, operation, OperationState.REFUSED, "cancelled")
            self._note(call, "released_block", hold)
            await self._without(tx, call, hold, "cancelled")

        await self._transact(work)

    def block_needed(self, tx: Tx, call: LiveSession, proofs: Proofs) -> bool:
        """Whether it is time for the next block; else its timer is set to when it will be.

        A timer may come twice, or late: what it finds decides, not that it came.
        """
        if call.state is not CallState.LIVE:
            return False
        due = authorize_at(call, self._flow.clock.now(), proofs, self._flow.terms.reauthorize_below)
        if due is not None and due <= self._flow.clock.now():
            return True
        arm_meter(tx, call, self._flow.clock, proofs, self._flow.terms)
        return False

    async def proofs(self, session_id: SessionId) -> Proofs:
        """The evidence that :meth:`block_needed` wants, read before the transaction."""
        return await self._evidence.of(session_id)

    async def unanswered(self, operation: GatewayOperation) -> None:
        """The gateway did not answer in time. A call that waits for its first block gives up, silently for the coach."""

        async def work(tx: Tx) -> None:
            call, hold = await self._open_hold(tx, operation)
            if hold is None:
                return
            self._note(call, "no_answer", hold)
            if call.state is CallState.RESERVING and not call.overtime:
                await self._flow.give_up(
                    tx, call, Move.REFUSED, EndReason.AUTHORIZATION_TIMEOUT, by="gateway"
                )
            else:
                await self._calls.save(tx, call)

        await self._transact(work)

    async def low_balance(self, tx: Tx, call: LiveSession, reason: str, *, secret: str | None = None) -> None:
        """Tell both how long the call can go on, and the client alone why and how to mend it. Saves the call."""
        call.low_balance = True
        call.note(
            "low_balance", at=self._flow.clock.now(), by="system", process=self._flow.process, reason=reason
        )
        seconds = call.authorized_seconds
        event = LiveSessionLowBalance(call.id, seconds, TOLD_TO_COACH)
        processes = call.processes()
        tx.emit(ToCall(call.id, processes, only="callee"), event)
        tx.emit(
            ToCall(call.id, processes, only="caller"), LiveSessionLowBalance(call.id, seconds, reason, secret)
        )
        await self._calls.save(tx, call)

    async def _without(self, tx: Tx, call: LiveSession, hold: Hold, reason: str) -> None:
        if call.open and call.overtime:
            await self._flow.overtime.refused(tx, call, hold, reason)
            await self._calls.save(tx, call)
        elif call.state in _BEFORE_RINGING:
            await self._flow.give_up(tx, call, Move.REFUSED, EndReason.PAYMENT_REFUSED, by="gateway")
        elif call.open and hold is call.holds[-1]:
            await self.low_balance(tx, call, reason)
        else:
            if not call.open:
                tx.arm(TimerKind.SETTLE, call.id, self._flow.clock.now())
            # An older block of an open call: a later one took its place, so nothing is missing.
            await self._calls.save(tx, call)

    async def _open_hold(self, tx: Tx, operation: GatewayOperation) -> tuple[LiveSession, Hold | None]:
        call = await self._calls.get(tx, operation.of_call)
        hold = call.hold(operation.id)
        return call, hold if hold.state in UNRESOLVED else None

    async def _finish(
        self, tx: Tx, operation: GatewayOperation, state: OperationState, error: str | None
    ) -> None:
        await self._operations.finish(tx, operation.id, state, error)
        tx.disarm(TimerKind.GATEWAY_OPERATION, operation.id)

    def _note(self, call: LiveSession, what: str, hold: Hold) -> None:
        call.note(
            what, at=self._flow.clock.now(), by="gateway", process=self._flow.process,
            hold=hold.number, amount=hold.amount,
        )  # fmt: skip
