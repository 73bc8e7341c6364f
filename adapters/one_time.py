"""Tokens of links in mails: an HMAC of an identifier, under a key for each purpose."""

import base64
import hashlib
import hmac
import re

from adapters.tokens import derive_key
from domain.accounts.one_time import Purpose
from domain.errors import Unavailable

_TOKEN = re.compile(r"(?P<id>[0-9a-f]{24})\.(?P<tag>[\w-]{43})", re.ASCII)


class HmacOneTimeTokens:
    """``id.tag``: a guess never reaches the database. Without a secret nothing can be made, and nothing is genuine."""

    def __init__(self, secret: bytes | None) -> None:
        self._keys = (
            {purpose: derive_key(secret, f"one-time {purpose.value}") for purpose in Purpose}
            if secret
            else {}
        )

    def token(self, token_id: str, purpose: Purpose) -> str:
        if not self._keys:
            raise Unavailable("RAPPORT_SECRET_KEY is not set here, so no link can be made.")
        return f"{token_id}.{self._tag(token_id, purpose)}"

    def digest(self, token: str) -> str:
        # Tokens carry 256 bits that nobody can guess: a fast digest is enough.
        return hashlib.sha256(token.encode()).hexdigest()

    def id_of(self, token: str, purpose: Purpose) -> str | None:
        match = _TOKEN.fullmatch(token)
        if match is None or not self._keys:
            return None
        genuine = hmac.compare_digest(match["tag"], self._tag(match["id"], purpose))
        return match["id"] if genuine else None

    def _tag(self, token_id: str, purpose: Purpose) -> str:
        mac = hmac.digest(self._keys[purpose], token_id.encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")
