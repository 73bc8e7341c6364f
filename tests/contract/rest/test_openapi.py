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
#: A signature, a token, a cursor of the page before, what a mail carried, a span that ends after it begins: no schema can say
#: these. Nor which offers can be sold, and so on, for whatever only coaches may.
UNSAID = (
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


async def schemathesis(url: str, config: str, folder: Path, seconds: int, *options: str) -> tuple[int, str]:
    """Run it for so long; its exit code and what it said."""
    file = folder / "schemathesis.toml"
    file.write_text(config)
    command = [
        *("-m", "schemathesis.cli", "--config-file", str(file), "run", f"{url}/openapi.json"),
        *("--checks", "all", "--max-time", str(seconds), "--phases", "examples,coverage,fuzzing"),
        *("--seed", "1", "--no-color", "--no-shrink", "--max-examples", "20"),
        *("--generation-database", ":memory:", "--request-timeout", "10"),
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


def config(door: Door, admin: Caller, coach: Caller) -> str:
    """Everything as an admin, but what only coaches may; what no schema can say may be refused as invalid."""
    coachs = [endpoint.name for endpoint, _ in door.door.endpoints if endpoint.may.name == "coach"]
    others = [name for name in UNSAID if name not in coachs]
    return f"""
headers = {{ Authorization = "Bearer {admin.token}" }}
{CONFIG}
[[operations]]
include-operation-id = {json.dumps(coachs)}
headers = {{ Authorization = "Bearer {coach.token}" }}
checks.positive_data_acceptance.expected-statuses = ["2xx", "4xx", "5xx"]

[[operations]]
include-operation-id = {json.dumps(others)}
checks.positive_data_acceptance.expected-statuses = ["2xx", "4xx", "5xx"]
"""


@pytest.mark.timeout(180)
async def test_the_server_does_what_the_document_says(house: House, tmp_path: Path) -> None:
    async for door in open_door(house, UNHURRIED):
        await seed_demo(demo_ports(door))
        admin, coach = await door.person("admin@demo.test"), await door.person("coach@demo.test")
        code, output = await schemathesis(
            door.url, config(door, admin, coach), tmp_path, 20, "--exclude-operation-id", "log_out"
        )

        assert code == 0, output
        # Not everything was refused for want of a token.
        assert (await admin.get("/api/users/me")).status == 200
        assert (await coach.get("/api/session-types")).status == 200


@pytest.mark.timeout(150)
async def test_logging_out_does_what_the_document_says(house: House, tmp_path: Path) -> None:
    """Alone: with its token nothing else could be asked any more."""
    async for door in open_door(house, UNHURRIED):
        await seed_demo(demo_ports(door))
        admin, coach = await door.person("admin@demo.test"), await door.person("coach@demo.test")
        code, output = await schemathesis(
            door.url, config(door, admin, coach), tmp_path, 2, "--include-operation-id", "log_out"
        )

        assert code == 0, output
