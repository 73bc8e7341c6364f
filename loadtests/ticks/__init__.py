"""``python -m loadtests.ticks``: how many calls does one worker meter in a second? Beside BullMQ.

The whole program runs (``rapport up`` without demo accounts: embedded mongod and Valkey, **one** ``rapport work``, a server
that idles), and beside it :mod:`loadtests.ticks.server`: the real socket door and the real bus, with use cases that answer
from memory. Every call has two real WebSocket clients seated there, and is in MongoDB as a call that is live: its document, its
proofs, the timer of its tick with the running meter.

In each round the next minute of **all** calls is full at the same instant. *Durable* is when the last timer was moved on and
the last minute noted, as a majority read from outside sees it; *delivered* is when the last client had its tick. Both are
counted from the instant at which the minutes were full, so they contain how long the worker takes to notice. Afterwards it is
checked that every call was ticked once and every client told once; else there is no figure.

BullMQ does one job for each call that does nothing, in one worker process, on the same Valkey, before each of our rounds.
Jobs are added beforehand; that time is shown and not counted, although a tick sets its next timer itself.
"""

from loadtests.ticks.result import Result
from loadtests.ticks.run import run

__all__ = ["Result", "run"]
