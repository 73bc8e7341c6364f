"""What a person sees: the timeline as it happens, then the receipt, then what was looked at."""

from collections.abc import Sequence
from typing import Protocol

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bootstrap.call.story import CallOptions, CallResult, Check, Mark, Moment, Road
from bootstrap.call.wire import Receipt
from bootstrap.call.words import clock, money, phrase, span

WHO_STYLE = {"coach": "cyan", "client": "magenta", "both": "white", "meter": "green", "server": "blue"}
MARKS = {
    Mark.STEP: ("·", ""),
    Mark.LIVE: ("●", "bold green"),
    Mark.TICK: ("◷", "green"),
    Mark.PAUSE: ("‖", "yellow"),
    Mark.END: ("■", "bold"),
    Mark.NOTE: (" ", "dim"),
}
TITLES = {
    Road.TALK: "a paid live call",
    Road.DECLINE: "a call that the coach declines",
    Road.DROP_MEDIA: "a paid live call whose media drops",
    Road.CARD_DECLINED: "a call with a card that is refused",
}
#: What a stranger can do about an error.
HINTS = {
    "UNREACHABLE": "Start one with `rapport up` (or `make run`), or leave out --url: then this command brings its own.",
    "BAD_CREDENTIALS": "The demo accounts exist on a local server only; their password is rapport-demo.",
    "ACCOUNT_LOCKED": "Too many wrong passwords; it opens again after 15 minutes.",
    "COACH_BUSY": "Somebody else got the coach first. Try again in a minute.",
    "CALL_OPEN": "An earlier call of this client has not ended yet; it ends by itself within a minute of grace.",
    "NO_PAYMENT_METHOD": "The demo client has no saved card: POST /api/payment-methods adds one.",
    "RATE_LIMITED": "Too many log-ins in a minute. Wait a little.",
}


class Screen(Protocol):
    """Where a story is shown."""

    def begin(self, options: CallOptions) -> None: ...

    def show(self, moment: Moment) -> None: ...

    def finish(self, result: CallResult) -> None: ...


class Quiet:
    """Nowhere: the result speaks for itself."""

    def begin(self, options: CallOptions) -> None:
        """Nothing."""

    def show(self, moment: Moment) -> None:
        """Nothing."""

    def finish(self, result: CallResult) -> None:
        """Nothing."""


class RichScreen:
    """A terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begin(self, options: CallOptions) -> None:
        """What is about to be shown."""
        where = options.url or f"a server of its own, clock ×{options.clock_speed:g}"
        self._console.print()
        self._console.print(
            Text.assemble(("Rapport", "bold"), f"  {TITLES[options.road]}", (f"  on {where}", "dim"))
        )
        self._console.print()

    def show(self, moment: Moment) -> None:
        """One line."""
        sign, style = MARKS[moment.mark]
        line = Table.grid(padding=(0, 1))
        line.add_column(width=8, justify="right", style="dim")
        line.add_column(width=6, style=WHO_STYLE.get(moment.who, ""))
        line.add_column(width=1, style=style)
        line.add_column(style=style, overflow="fold")
        line.add_row(f"{moment.seconds:.2f}", moment.who, sign, moment.text)
        self._console.print(line)

    def finish(self, result: CallResult) -> None:
        """The receipt, the checks, and the verdict."""
        self._console.print()
        if result.receipt is not None:
            self._console.print(_receipt(result.receipt, result.coach_earns))
        if result.checks:
            self._console.print(_checks(result.checks))
            self._console.print()
        self._console.print(_verdict(result))
        self._console.print()


def _verdict(result: CallResult) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3, justify="right", style="bold red")
    table.add_column(overflow="fold")
    if result.error is not None:
        table.add_row("✗", Text(result.error, "red"))
        table.add_row("", Text(HINTS.get(result.error_code or "", ""), "dim"))
    elif result.ok:
        table.add_row("", Text("Everything is as it should be.", "bold green"))
    else:
        table.add_row("", Text("Not everything is as it should be.", "bold red"))
    return table


def _checks(checks: Sequence[Check]) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3, justify="right")
    table.add_column(no_wrap=True)
    table.add_column(style="dim", overflow="fold")
    for check in checks:
        sign = Text("✓", "green") if check.ok else Text("✗", "bold red")
        table.add_row(sign, check.name, check.detail)
    return table


def _receipt(receipt: Receipt, coach_earns: int | None) -> Panel:
    def shown(amount: int) -> str:
        return money(amount, receipt.currency)

    rows = Table.grid(padding=(0, 3), expand=True)
    rows.add_column()
    rows.add_column(justify="right")
    rows.add_row(f"Call with {receipt.coach}", "")
    if receipt.started_at and receipt.ended_at:
        lasted = (receipt.ended_at - receipt.started_at).total_seconds()
        when = receipt.started_at.strftime("%d %b %Y %H:%M:%S UTC")
        rows.add_row(Text(f"{when}, {span(lasted)}, {phrase(receipt.end_reason or '')}", "dim"), "")
    rows.add_row("", "")
    talk = f"{clock(receipt.billable_seconds)} billable at {shown(receipt.rate_per_minute)} a minute"
    rows.add_row(talk, shown(receipt.gross + receipt.written_off))
    if receipt.written_off:
        rows.add_row("written off: less than the smallest charge", shown(-receipt.written_off))
    rows.add_row(Text("Total", "bold"), Text(shown(receipt.gross), "bold"))
    rows.add_row(Text(f"of which tax ({receipt.tax_country})", "dim"), Text(shown(receipt.tax), "dim"))
    rows.add_row("", "")
    for hold in receipt.holds:
        held = f"hold {hold.number}: {shown(hold.authorized)} authorized, {phrase(hold.state)}"
        rows.add_row(Text(held, "dim"), Text(shown(hold.captured), "dim"))
    if coach_earns is not None:
        rows.add_row(Text("the coach earns", "dim"), Text(shown(coach_earns), "dim"))
    return Panel(rows, title=f"Receipt {receipt.number}", width=72, padding=(1, 2), title_align="left")
