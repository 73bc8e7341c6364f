"""The OpenAPI document is valid, complete, and what the server really does."""

import asyncio
import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from bootstrap.demo import seed_demo
from rest.errors import STATUS
from tests.support.door import SETTINGS, Caller, Door, demo_ports, open_door
from tests.support.house import House

UNHURRIED = replace(
    SETTINGS, user_limit=10**6, card_limit=10**6, auth_limit=10**6, refresh_limit=10**6, address_limit=10**6
)
#: A token to end (after which nothing else can be asked with it), a signature, a cursor of the page before, what a mail
#: carried, a span that ends after it begins: no schema can say these.
ALONE = (
    "log_out",
    "verify_email",
    "reset_password",
    "receive_stripe",
    "list_coaches",
    "list_dead_letters",
    "list_webhooks",
    "list_coach_bookings",
    "list_own_sessions",
    "list_groups",
    "suggest_times",
    "find_starts",
    "get_calendar",
)
#: Accepted beside 2xx for data that matches its schema: states that a schema cannot know.
CONFIG = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "402", "403", "404", "409", "412", "423", "429", "5xx"]

[checks.missing_required_header]
expected-statuses = ["400", "401", "403", "404", "428"]
"""


async def document(door: Door) -> Any:
    return (await door.stranger().get("/openapi.json")).json


async def test_it_is_openapi_3_1_and_its_schemas_are_valid(empty_door: Door) -> None:
    openapi = await document(empty_door)

    assert openapi["openapi"] == "3.1.0"
    for name, schema in openapi["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        ), name


async def test_every_reference_leads_somewhere(empty_door: Door) -> None:
    openapi = await document(empty_door)

    references = set(re.findall(r'"\$ref": ?"#/components/schemas/([^"]+)"', json.dumps(openapi)))

    assert references <= set(openapi["components"]["schemas"])
    assert "Problem" in references


async def test_every_endpoint_of_the_contract_is_there(empty_door: Door) -> None:
    openapi = await document(empty_door)
    fixed = {
        "post /api/auth/register",
        "post /api/auth/login",
        "post /api/auth/refresh-token",
        "post /api/auth/logout",
        "get /api/users/me",
        "patch /api/users/me",
        "get /api/coaches",
        "get /api/coaches/{userId}/profile",
        "get /api/payment-methods",
        "post /api/payment-methods",
        "delete /api/payment-methods/{paymentMethodId}",
        "post /api/blocks/{userId}",
        "delete /api/blocks/{userId}",
        "get /api/about",
        "get /api/earnings/me",
        "get /api/live-sessions",
        "get /api/live-sessions/{sessionId}",
        "get /api/payments/me",
        "post /api/payments/webhook/stripe",
        "patch /api/admin/users/{userId}/suspend",
        "get /api/admin/overview",
        "get /api/admin/history",
        "get /api/admin/dead-letters",
        "post /api/admin/dead-letters/{id}/replay",
        "get /api/admin/webhooks",
        "get /health",
        "get /ready",
        "get /metrics",
        "get /openapi.json",
        "get /asyncapi.json",
    }

    assert fixed <= {f"{method} {path}" for path, item in openapi["paths"].items() for method in item}


async def test_every_operation_says_who_may_and_what_may_go_wrong(empty_door: Door) -> None:
    openapi = await document(empty_door)
    operations = [one for item in openapi["paths"].values() for one in item.values()]

    assert all(one["summary"] and one["operationId"] and "security" in one for one in operations)
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert {error["code"] for error in openapi["x-error-codes"]} == {str(code) for code in STATUS}
    closed = [one for one in operations if one["security"]]
    assert all({"401", "429", "500", "503"} <= set(one["responses"]) for one in closed)


#: Real seconds that it may take to start and to sum up, on a machine that is busy with other things.
STARTING = 100


async def schemathesis(caller: Caller, folder: Path, seconds: int, *options: str) -> tuple[int, str]:
    """Run it as somebody for so long; its exit code and what it said."""
    config = folder / "schemathesis.toml"
    config.write_text(CONFIG)
    command = [
        *("-m", "schemathesis.cli", "--config-file", str(config), "run", f"{caller.url}/openapi.json"),
        *("--checks", "all", "--max-time", str(seconds), "--phases", "examples,coverage,fuzzing"),
        *("--seed", "1", "--no-color", "--no-shrink", "--max-examples", "20"),
        *("--generation-database", ":memory:", "--request-timeout", "10"),
        *("-H", f"Authorization: Bearer {caller.token}"),
        *options,
    ]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *command,
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), seconds + STARTING)
    except TimeoutError:
        process.kill()
        raise
    return process.returncode or 0, output.decode()


@pytest.mark.timeout(150)
async def test_the_server_does_what_the_document_says(house: House, tmp_path: Path) -> None:
    async for door in open_door(house, UNHURRIED):
        await seed_demo(demo_ports(door))
        left_out = [word for name in ALONE for word in ("--exclude-operation-id", name)]
        admin = await door.person("admin@demo.test")
        code, output = await schemathesis(admin, tmp_path, 12, *left_out)

        assert code == 0, output
        # Not everything was refused for want of a token.
        assert (await admin.get("/api/users/me")).status == 200


@pytest.mark.timeout(150)
@pytest.mark.parametrize(
    ("operations", "seconds"), [(ALONE[:1], 2), (ALONE[1:], 5)], ids=["log_out", "others"]
)
async def test_operations_that_need_more_than_their_schema_says_refuse_well(
    house: House, tmp_path: Path, operations: tuple[str, ...], seconds: int
) -> None:
    async for door in open_door(house, UNHURRIED):
        await seed_demo(demo_ports(door))
        named = [word for name in operations for word in ("--include-operation-id", name)]
        options = (*named, "--exclude-checks", "positive_data_acceptance")
        admin = await door.person("admin@demo.test")
        code, output = await schemathesis(admin, tmp_path, seconds, *options)

        assert code == 0, output


@pytest.mark.timeout(150)
async def test_what_only_coaches_may_refuses_well(house: House, tmp_path: Path) -> None:
    """An admin is told 403. Which offers can be sold, and which times can be offered, no schema says."""
    async for door in open_door(house, UNHURRIED):
        await seed_demo(demo_ports(door))
        names = [endpoint.name for endpoint, _ in door.door.endpoints if endpoint.may.name == "coach"]
        included = [word for name in names for word in ("--include-operation-id", name)]
        options = (*included, "--exclude-checks", "positive_data_acceptance")
        coach = await door.person("coach@demo.test")
        code, output = await schemathesis(coach, tmp_path, 8, *options)

        assert code == 0, output
        assert (await coach.get("/api/session-types")).status == 200
