"""What an admin looks at, wired to the stores."""

from dataclasses import dataclass

from bootstrap.remembered import Remembered
from bootstrap.wiring.stores import Stores
from domain.calls.evidence import Evidence
from domain.calls.terms import CallTerms
from domain.clock import Clock
from domain.operations.dead_letters import DeadLetters
from domain.operations.figures import read_figures
from domain.operations.live_view import LiveView, LiveViewPorts, read_overview
from domain.operations.webhooks import WebhookLog

#: Real seconds that an overview is good for: however many admins watch a server, it reads this often.
OVERVIEW_FOR = 1.0


@dataclass(frozen=True)
class OperationsHouse:
    """Everything an operator sees."""

    live_view: LiveView
    dead_letters: DeadLetters
    webhooks: WebhookLog


def build_operations(
    stores: Stores, clock: Clock, terms: CallTerms, overview_for: float = OVERVIEW_FOR
) -> OperationsHouse:
    """One per server."""
    ports = LiveViewPorts(
        figures=lambda: read_figures(stores),
        processes=stores.processes,
        calls=stores.calls,
        evidence=Evidence(stores.proofs, clock, terms),
        coaches=stores.directory,
        webhooks=stores.webhooks,
        operations=stores.operations,
        samples=stores.samples,
        clock=clock,
    )
    return OperationsHouse(
        live_view=LiveView(ports, Remembered(lambda: read_overview(ports), overview_for)),
        dead_letters=DeadLetters(stores.timers),
        webhooks=WebhookLog(stores.webhooks),
    )
