"""Webhooks are counted by outcome, and the oldest one that waits is shown."""

import time

from bootstrap.gauges import HouseGauges
from tests.contract.rest.test_payments import event, signed
from tests.support.door import Door
from tests.support.stores import assert_uses_index

HOOK = "/api/payments/webhook/stripe"


async def test_webhooks_are_counted_by_what_became_of_them(door: Door) -> None:
    body = event()
    good, bad = signed(body, time.time()), signed(b"another", time.time())

    for headers in (good, good, bad):
        await door.stranger().post(HOOK, data=body, headers=headers)

    counted = {
        outcome: door.metrics.get_sample_value("rapport_webhooks_total", {"outcome": outcome})
        for outcome in ("stored", "duplicate", "bad_signature")
    }
    assert counted == {"stored": 1, "duplicate": 1, "bad_signature": 1}


async def test_the_oldest_webhook_that_waits_shows_its_age_until_it_is_processed(door: Door) -> None:
    stores, clock = door.house.stores, door.house.clock
    gauges, body = HouseGauges(stores), event()
    await door.stranger().post(HOOK, data=body, headers=signed(body, time.time()))
    ages = []

    clock.advance(90)
    for _ in range(2):
        await gauges.refresh()
        ages += [m.samples[0].value for m in gauges.collect() if m.name == "rapport_webhook_waiting_seconds"]
        await stores.webhooks.processed("evt_1", "ignored")

    assert ages[0] >= 90
    assert ages[1] == 0
    await assert_uses_index(stores.db, "webhook_events", {"outcome": None}, [("received_at", 1)])
