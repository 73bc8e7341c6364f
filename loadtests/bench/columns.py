"""The servers that are compared, in the order of the table."""

import sys
from dataclasses import dataclass
from pathlib import Path

from loadtests.peers import npm

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Column:
    """One server. ``does`` says in a sentence what a reader has to know of it to judge the comparison."""

    name: str
    title: str
    does: str
    command: tuple[str, ...]


def _python(name: str, title: str, does: str) -> Column:
    return Column(name, title, does, (sys.executable, "-m", f"loadtests.peers.{name}"))


RAPPORT = _python(
    "rapport",
    "Rapport",
    "Our real socket door: token buckets per socket, user and event, strict schema validation, seat and participant check, "
    "legality of the signal, numbering for peers that are away, metrics. Use cases answer from memory; the numbers of the "
    "rate limits and of connections per address are raised, the buckets are asked all the same. The garbage collector is tuned "
    "as in the product; all other columns have their defaults.",
)
ENGINE = _python(
    "engine",
    "EngineServer",
    "Our engine alone, with the very handlers of the python-socketio column: a plain relay through emit(room=, skip_sid=).",
)
NODE = Column(
    "node",
    "Node socket.io",
    "socket.io 4.8 of npm with ws, on Node.js: a plain relay. No validation, no limits, no metrics.",
    (npm.WITH_NODE, "node", "--expose-gc", str(npm.folder_of("node") / "server.mjs")),
)
STOCK = _python(
    "stock",
    "python-socketio",
    "python-socketio as installed, on aiohttp and uvloop: a plain relay. No validation, no limits, no metrics.",
)
FLOOR = _python(
    "floor",
    "bare aiohttp",
    "aiohttp's WebSocketResponse, orjson and uvloop writing the frames by hand: what the stack costs without Socket.IO.",
)
ALL = (FLOOR, NODE, STOCK, ENGINE, RAPPORT)


def find(names: list[str]) -> list[Column]:
    """The columns of these names, in the table's order.

    Raises:
        ValueError: a name that is none.
    """
    known = {column.name for column in ALL}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no such column: {', '.join(unknown)}; there are {', '.join(sorted(known))}")
    return [column for column in ALL if column.name in names]


def missing_node() -> str | None:
    """Why there is no column of Node.js, or None; its packages are installed when they are first needed."""
    return npm.missing("node", "socket.io")
