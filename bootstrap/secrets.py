"""Secrets of an embedded run, made at first start and kept in the data folder, readable by their owner alone."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """Where the secrets lie. Children are told the files, never the values."""

    secret_key: Path
    gateway_key: Path
    webhook_secret: Path


def keep_secrets(folder: Path) -> SecretFiles:
    """The secret files in ``folder``, made where they are missing."""
    return SecretFiles(
        secret_key=_kept(folder / "secret_key", ""),
        gateway_key=_kept(folder / "sandbox_key", "sk_test_"),
        webhook_secret=_kept(folder / "webhook_secret", "whsec_"),
    )


def _kept(file: Path, prefix: str) -> Path:
    if not file.exists():
        unfinished = file.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(prefix + secrets.token_urlsafe(48))
        unfinished.rename(file)
    return file
