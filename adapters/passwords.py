"""Passwords by bcrypt, in threads of their own.

bcrypt looks at the first 72 bytes only, and stops at a NUL. So the password is digested first and the digest, in base64, is
what bcrypt gets: every character counts. The digest is keyed with a fixed label, so that an unsalted SHA-256 leaked
elsewhere cannot be tried against our hashes directly.
"""

import asyncio
import base64
import hmac
import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import bcrypt

_LABEL = b"rapport password v1"


def _digest(password: str) -> bytes:
    # NFKC: the same characters, typed on another keyboard, are the same password (NIST SP 800-63B, 5.1.1.2).
    normal = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.digest(_LABEL, normal, "sha256"))


class BcryptHasher:
    """Hashes and checks. ``cost`` is the binary logarithm of the rounds: 12 takes about 0.25 s."""

    def __init__(self, cost: int = 12, threads: int | None = None) -> None:
        self._cost = cost
        self._pool = ThreadPoolExecutor(threads or os.cpu_count() or 2, thread_name_prefix="bcrypt")
        # Nobody has this password; checking against it takes as long as against anybody's hash.
        self._nobody = bcrypt.hashpw(_digest(os.urandom(16).hex()), bcrypt.gensalt(cost))

    async def hash(self, password: str) -> str:
        loop = asyncio.get_running_loop()
        hashed = await loop.run_in_executor(self._pool, self._hash, password)
        return hashed.decode("ascii")

    async def matches(self, password: str, hashed: str | None) -> bool:
        known = self._nobody if hashed is None else hashed.encode("ascii")
        loop = asyncio.get_running_loop()
        equal = await loop.run_in_executor(self._pool, bcrypt.checkpw, _digest(password), known)
        return equal and hashed is not None

    def outdated(self, hashed: str) -> bool:
        return int(hashed.split("$")[2]) != self._cost

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _hash(self, password: str) -> bytes:
        return bcrypt.hashpw(_digest(password), bcrypt.gensalt(self._cost))
