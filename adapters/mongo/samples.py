"""The ``process_samples`` collection: ``{_id: {process, number}, kind, at, seconds, sockets, counted, house?}``.

``at`` is the wall time of the process's machine: charts need no better clock.
"""

from datetime import datetime
from typing import Any

from motor.motor_asyncio import AsyncIOMotorDatabase

from adapters.mongo.documents import CONVERTER, to_document
from adapters.mongo.indexes import IndexSpec
from adapters.mongo.outages import tells_outages
from domain.operations.samples import Sample

#: A chart shows three hours at most.
KEPT_SECONDS = 4 * 3600
INDEXES = [IndexSpec("process_samples", [("at", 1)], {"expireAfterSeconds": KEPT_SECONDS})]


@tells_outages
class MongoSamples:
    """Small documents, one per process and ten seconds."""

    def __init__(self, db: AsyncIOMotorDatabase[dict[str, Any]]) -> None:
        self._samples = db["process_samples"]

    async def write(self, number: int, sample: Sample) -> None:
        document = to_document(sample)
        key = {"process": document.pop("process"), "number": number}
        await self._samples.replace_one({"_id": key}, document, upsert=True)

    async def between(self, first: datetime, last: datetime) -> list[Sample]:
        found = self._samples.find({"at": {"$gt": first, "$lte": last}}).sort("at", 1)
        return [_sample(document) async for document in found]


def _sample(document: dict[str, Any]) -> Sample:
    key = document.pop("_id")
    return CONVERTER.structure(document | {"process": key["process"]}, Sample)
