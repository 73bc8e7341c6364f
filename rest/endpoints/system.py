"""Health, metrics and the API documents."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import orjson
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from rest.payloads import Reply
from rest.ports import Readiness
from rest.registry import JSON, Call, Rate, anyone, endpoint

_METRICS_TYPE = CONTENT_TYPE_LATEST.split(";")[0]


class HealthReply(Reply):
    """The process runs."""

    status: str


class ReadyReply(Reply):
    """Whether requests should come here, and what says no."""

    ready: bool
    checks: dict[str, bool]


@dataclass(frozen=True, slots=True)
class Documents:
    """Both API documents, made when first asked for: they need the whole registry."""

    openapi: Callable[[], bytes]
    asyncapi: Callable[[], bytes]


class System:
    """Running it."""

    def __init__(self, readiness: Readiness, metrics: CollectorRegistry, documents: Documents) -> None:
        self._readiness = readiness
        self._metrics = metrics
        self._documents = documents

    @endpoint("GET", "/health", may=anyone, rate=Rate.UNLIMITED, reply=HealthReply)
    async def health(self, call: Call[None, None]) -> HealthReply:
        """Say that the process runs."""
        return HealthReply(status="ok")

    @endpoint("GET", "/ready", may=anyone, rate=Rate.UNLIMITED, reply=ReadyReply)
    async def ready(self, call: Call[None, None]) -> web.Response:
        """Say whether requests should come here.

        503 with the same body while a store does not answer, or while the server drains.
        """
        checks = dict(await self._readiness())
        ready = all(checks.values())
        return web.Response(
            status=200 if ready else 503,
            body=orjson.dumps({"ready": ready, "checks": checks}),
            content_type=JSON,
            charset="utf-8",
        )

    @endpoint("GET", "/metrics", may=anyone, rate=Rate.UNLIMITED, produces=_METRICS_TYPE)
    async def metrics(self, call: Call[None, None]) -> web.Response:
        """Give the measurements, in the Prometheus text format."""
        text = await asyncio.to_thread(generate_latest, self._metrics)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})

    @endpoint("GET", "/openapi.json", may=anyone, rate=Rate.ADDRESS, produces=JSON)
    async def openapi(self, call: Call[None, None]) -> web.Response:
        """Give this document."""
        return _json(self._documents.openapi())

    @endpoint("GET", "/asyncapi.json", may=anyone, rate=Rate.ADDRESS, produces=JSON)
    async def asyncapi(self, call: Call[None, None]) -> web.Response:
        """Give the document of the sockets."""
        return _json(self._documents.asyncapi())


def _json(document: bytes) -> web.Response:
    response = web.Response(
        body=document, content_type=JSON, charset="utf-8", headers={"Vary": "Accept-Encoding"}
    )
    # A hundred kilobytes that repeat themselves, and nobody's secret.
    response.enable_compression()
    return response
