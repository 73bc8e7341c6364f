"""What a process of many sockets, or of many timers, asks of the interpreter."""

import gc

#: Net new containers between two looks at the youngest. A server makes few cycles of its own, and CPython's default of 700
#: means a look every few dozen messages, each of which walks whatever is young at that moment. In a worker, a batch of ticks is
#: thousands of documents and events that are all young: the looks were a third of what it did.
_YOUNG = 20_000
#: Looks at the youngest per look at the middle, and of the middle per look at everything.
_MIDDLE, _OLD = 20, 50


def tune() -> None:
    """Take what was made so far (modules, models, tables) out of the garbage collector's rounds, and make these rarer.

    Call it once, when everything is imported and wired. What this saves is measured by ``python -m loadtests.bench`` and
    ``python -m loadtests.ticks``.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
