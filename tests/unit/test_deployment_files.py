"""What no machine without Docker can run, read with care: networks, settings and the relay's limits."""

import json
import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from bootstrap.settings import known_variables, refuse_unknown
from rest.web_files import VENDORED

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded["services"]


@pytest.fixture(scope="module")
def turn() -> list[tuple[str, str]]:
    lines = (ROOT / "deploy/coturn/turnserver.conf").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return [(name, value) for name, _, value in pairs]


def ranges(turn: list[tuple[str, str]]) -> list[tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]]:
    ends = [value.split("-") for name, value in turn if name == "denied-peer-ip"]
    return [(ip_address(first), ip_address(last)) for first, last in ends]


@pytest.mark.parametrize("service", ["server", "worker"])
def test_every_variable_given_to_the_program_is_one_of_its_settings(
    services: dict[str, dict[str, Any]], service: str
) -> None:
    assert set(services[service]["environment"]) <= known_variables()


@pytest.mark.parametrize("name", ["RAPPORT_METRICS_PORT", "RAPPORT_WEBSOCKET_ONLY"])
def test_what_a_deployment_may_choose_is_explained_and_reaches_the_program(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    lines = (ROOT / "deploy/env.example").read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(f"{name}="))

    assert lines[at - 1].startswith("# ")
    assert any(name in service.get("environment", {}) for service in services.values())


def test_sourcing_the_example_environment_names_nothing_unknown() -> None:
    lines = (ROOT / "deploy/env.example").read_text().splitlines()
    names = [line.partition("=")[0] for line in lines if "=" in line and not line.startswith("#")]

    refuse_unknown(names)

    assert "RAPPORT_SECRET_KEY" in names


def test_stores_and_relay_share_no_network_and_publish_no_port_of_a_store(
    services: dict[str, dict[str, Any]],
) -> None:
    assert services["mongo"]["networks"] == services["valkey"]["networks"] == ["stores"]
    assert services["coturn"]["networks"] == ["turn"]
    assert {name for name, service in services.items() if "ports" in service} == {"server", "coturn"}


@pytest.mark.parametrize(
    "address",
    [
        *(
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.17.0.2",
            "172.31.255.255",
        ),
        *("192.168.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::", "fc00::1", "fdff::1", "fe80::1", "ff02::1"),
    ],
)
def test_relay_denies_every_address_that_is_not_public(turn: list[tuple[str, str]], address: str) -> None:
    wanted = ip_address(address)

    assert any(
        first <= wanted <= last  # type: ignore[operator]
        for first, last in ranges(turn)
        if first.version == wanted.version
    )


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "193.0.0.1", "2606:4700::1", "2a00:1450::1"])
def test_relay_reaches_public_addresses(turn: list[tuple[str, str]], address: str) -> None:
    wanted = ip_address(address)

    assert not any(
        first <= wanted <= last  # type: ignore[operator]
        for first, last in ranges(turn)
        if first.version == wanted.version
    )


def test_relay_is_limited_as_the_design_says(turn: list[tuple[str, str]]) -> None:
    options = dict(turn)

    assert {"use-auth-secret", "no-tcp-relay", "no-multicast-peers", "no-cli"} <= set(options)
    assert {"user-quota", "total-quota", "max-bps"} <= set(options)
    assert "allow-loopback-peers" not in options
    assert "static-auth-secret" not in options


def test_published_ports_of_the_relay_are_the_range_it_uses(
    services: dict[str, dict[str, Any]], turn: list[tuple[str, str]]
) -> None:
    options = dict(turn)
    span = f"{options['min-port']}-{options['max-port']}"

    assert f"{span}:{span}/udp" in services["coturn"]["ports"]


def test_the_image_has_the_consoles_dependency_where_the_server_looks() -> None:
    lines = (ROOT / "deploy/Dockerfile").read_text().splitlines()
    copied = [line.split()[2:] for line in lines if line.startswith("COPY --from=web")]

    for source in VENDORED.values():
        package = "/".join(source.split("/")[:2])
        assert [f"/web/{package}", f"/src/web/{package}"] in copied


def test_the_lock_of_npm_names_no_registry_and_has_a_hash_of_everything() -> None:
    text = (ROOT / "web/package-lock.json").read_text()
    packages = {name: one for name, one in json.loads(text)["packages"].items() if name}

    assert "://" not in text
    assert packages
    assert all(one["integrity"].startswith("sha512-") for one in packages.values())


def test_dependencies_of_the_console_are_pinned() -> None:
    given = json.loads((ROOT / "web/package.json").read_text())
    versions = [*given["dependencies"].values(), *given["devDependencies"].values()]

    assert list(given["dependencies"]) == ["socket.io-client"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
