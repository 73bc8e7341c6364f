"""Which Node.js the tools of the console run with."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A project without anything installed, on a machine whose PATH has no Node.js."""
    for folder in ("tools", "path", ".venv/bin", "web"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "tools/with-node").write_bytes((ROOT / "tools/with-node").read_bytes())
    (tmp_path / "tools/with-node").chmod(0o755)
    for name in ("sh", "dirname"):
        found = next(Path(one) / name for one in os.defpath.split(":") if one and (Path(one) / name).exists())
        (tmp_path / "path" / name).symlink_to(found)
    return tmp_path


def run(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "tools/with-node", *arguments],
        env={"PATH": str(machine / "path")},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def node(folder: Path, major: int, npm: int) -> None:
    # It answers the one question that is asked of it: is it older than 18?
    program(folder, "node", f'[ "$1" = -e ] && exit {int(major < 18)}; echo node {major}')
    program(folder, "npm", f"echo {npm}.1.0")


def test_a_machine_without_one_is_told_what_to_do(machine: Path) -> None:
    answer = run(machine, "node", "--version")

    assert answer.returncode == 1
    assert "make install" in answer.stderr
    assert run(machine, "--own").returncode != 0


@pytest.mark.parametrize(
    ("major", "npm", "enough"), [(18, 9, True), (22, 11, True), (16, 9, False), (18, 8, False)]
)
def test_the_machines_own_is_used_if_it_is_new_enough(
    machine: Path, major: int, npm: int, enough: bool
) -> None:
    node(machine / "path", major, npm)
    node(machine / ".venv/bin", 24, 11)

    assert (run(machine, "--own").returncode == 0) is enough
    assert run(machine, "node").stdout == f"node {major if enough else 24}\n"


def test_what_is_installed_for_the_console_is_on_the_path(machine: Path) -> None:
    node(machine / "path", 22, 11)
    tools = machine / "web/node_modules/.bin"
    tools.mkdir(parents=True)
    program(tools, "tsc", 'echo checks "$@"')

    assert run(machine, "tsc", "-p", "a folder").stdout == "checks -p a folder\n"
