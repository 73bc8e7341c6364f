"""The real program for a chaos run: two servers, two workers, stores and sandbox, and people with accounts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bootstrap.embedded import ChildProcess
from bootstrap.wiring.common import Common
from domain.accounts.account import Role
from domain.accounts.registration import Application, Trust
from domain.money import Money
from tests.chaos.actors import Client, Coach
from tests.chaos.buyer import Buyer, buyer
from tests.chaos.meeting import Couple, coupled
from tests.chaos.member import Member
from tests.chaos.plan import CARDS, RATES, Plan, Target
from tests.chaos.witness import Witness
from tests.support.program import Program, running_program

PASSWORD = "a-long-password"


@dataclass
class World:
    """Everything that runs, everybody who lives in it, and what they saw."""

    plan: Plan
    program: Program
    children: Mapping[Target, ChildProcess]
    witness: Witness
    closing: asyncio.Event
    coaches: list[Coach]
    clients: list[Client]
    couples: list[Couple]
    buyers: list[Buyer]

    @property
    def inside(self) -> Common:
        return self.program.inside

    async def sandbox(self, what: str) -> Any:
        """``GET /_sandbox/…``"""
        async with self.program.http.get(f"{self._sandbox}/_sandbox/{what}") as answer:
            return await answer.json()

    async def misbehave(self) -> None:
        """From now on the gateway has a bad day."""
        await self._control("POST", self.plan.faults())

    async def behave(self) -> None:
        """The gateway is well again."""
        await self._control("DELETE", None)

    @property
    def _sandbox(self) -> str:
        assert self.program.running.sandbox_url is not None
        return self.program.running.sandbox_url

    async def _control(self, method: str, body: object) -> None:
        key = self.inside.settings.needed_secret("stripe_secret_key")
        headers = {"Authorization": f"Bearer {key}"}
        url = f"{self._sandbox}/_sandbox/faults"
        async with self.program.http.request(method, url, json=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def living(plan: Plan, folder: Path) -> AsyncIterator[World]:
    """Start everything in an empty ``folder`` and stop it at the end."""
    terms = {f"RAPPORT_CALL_{name}": str(value) for name, value in plan.terms.items()}
    async with running_program(folder, RAPPORT_CLOCK_SPEED=str(plan.speed), **terms) as program:
        second = _second_worker(program)
        await second.start()
        try:
            yield await _populated(plan, program, second)
        finally:
            await second.stop()


async def _populated(plan: Plan, program: Program, second_worker: ChildProcess) -> World:
    now = program.running
    assert now.sandbox is not None
    assert now.sandbox_url is not None
    witness = Witness(program.inside.clock, program.inside.terms)
    closing = asyncio.Event()
    members = [await _member(plan, program, witness, number, Role.COACH) for number in range(plan.pairs)]
    coaches = [Coach(member, closing) for member in members]
    callers = [await _member(plan, program, witness, number, Role.CLIENT) for number in range(plan.pairs)]
    couples = []
    for number in range(plan.pairs, plan.pairs + plan.couples):
        coach = await _member(plan, program, witness, number, Role.COACH)
        couples.append(
            await coupled(program, coach, await _member(plan, program, witness, number, Role.CLIENT), closing)
        )
    buyers = []
    for number in range(100, 100 + plan.buyers):
        coach = await _member(plan, program, witness, number, Role.COACH)
        client = await _member(plan, program, witness, number, Role.CLIENT, card=CARDS[0])
        buyers.append(await buyer(program, coach, client, closing))
    return World(
        plan=plan,
        program=program,
        children={
            "server": program.servers[0],
            "server-2": program.servers[1],
            "worker": now.worker,
            "worker-2": second_worker,
            "valkey": now.stores.valkey,
            "mongod": now.stores.mongod,
            "sandbox": now.sandbox,
        },
        witness=witness,
        closing=closing,
        coaches=coaches,
        clients=[Client(member, coaches, now.sandbox_url, closing) for member in callers],
        couples=couples,
        buyers=buyers,
    )


async def _member(
    plan: Plan, program: Program, witness: Witness, number: int, role: Role, card: str | None = None
) -> Member:
    name = f"{role.value}-{number}"
    email, rate = f"{name}@chaos.test", None
    if role is Role.COACH:
        rate = Money(*RATES[number % len(RATES)])
    await program.register(Application(email, PASSWORD, name, role, rate), Trust(True, True))
    person = await program.log_in(email, PASSWORD)
    if role is Role.CLIENT:
        await person.rest.add_card(card or CARDS[number % len(CARDS)])
    dice = plan.dice(name)
    servers = dict(zip(("server", "server-2"), program.urls, strict=True))
    return Member(program.http, servers, person.tokens, f"device-{name}", dice, witness)


def _second_worker(program: Program) -> ChildProcess:
    first = program.running.worker.spec
    return ChildProcess(
        replace(
            first,
            name="worker-2",
            log_file=first.log_file.with_name("worker-2.log"),
            pid_file=first.pid_file.with_name("worker-2.pid"),
        )
    )
