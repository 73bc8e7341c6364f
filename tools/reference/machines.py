"""State machines as tables and diagrams."""

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from tools.reference.markdown import code

S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)
#: (state, move) → the state after it.
Moves = Mapping[tuple[str, str], str]


def plain(table: Mapping[tuple[S, M], S]) -> Moves:
    """A table of the code, by the words of its members."""
    return {(state.value, move.value): to.value for (state, move), to in table.items()}


def legal_moves(moves: Moves) -> defaultdict[str, str]:
    """By state: what may happen in it, and what it is then; nothing for a state that is final."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for (state, move), to in moves.items():
        found[state].append(f"{code(move)} → {code(to)}")
    return defaultdict(str, {state: ", ".join(steps) for state, steps in found.items()})


def diagram(moves: Moves, *first: StrEnum) -> str:
    """A state diagram (Mermaid); ``first`` are the states in which such a thing is made."""
    steps = [f"    {state} --> {to}: {move}" for (state, move), to in moves.items()]
    begins = [f"    [*] --> {state.value}" for state in first]
    return "\n".join(["```mermaid", "stateDiagram-v2", *begins, *steps, "```"])
