"""Peers on Node.js: how they are run, and their packages, installed when they are first needed."""

import shutil
import subprocess
from pathlib import Path

_HERE = Path(__file__).resolve().parent
#: Runs a command with the Node.js of this machine, or with the one of our environment.
WITH_NODE = str(_HERE.parents[1] / "tools" / "with-node")


def folder_of(peer: str) -> Path:
    """Where a peer and its ``package-lock.json`` are."""
    return _HERE / peer


def missing(peer: str, package: str) -> str | None:
    """Why a peer cannot run, or None; ``package`` is what its folder is there for."""
    version = [WITH_NODE, "node", "--version"]
    if shutil.which("sh") is None or subprocess.run(version, capture_output=True).returncode:
        return "Node.js 18 with npm 9 is not on PATH"
    folder = folder_of(peer)
    lock, stamp = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    if stamp.exists() and stamp.stat().st_mtime >= lock.stat().st_mtime:
        return None
    install = [WITH_NODE, "npm", "ci", "--prefix", str(folder), "--no-progress", "--loglevel=error"]
    done = subprocess.run(install, capture_output=True, text=True)
    if done.returncode:
        return f"npm could not install {package}: {done.stderr.strip()[-300:]}"
    stamp.touch()
    return None
