// The console's helpers that need no page: addresses, amounts, times, words, signals.

import assert from "node:assert/strict";
import { test } from "node:test";

import { randomId } from "../../web/client/random-id.js";
import { clock } from "../../web/console/clock.js";
import { duration, initials, major, minor, money, plain, relative, spoken } from "../../web/console/format.js";
import { known } from "../../web/console/locales.js";
import { match, ownPath } from "../../web/console/router.js";
import { bag, signal } from "../../web/console/store.js";
import { bookingState } from "../../web/console/booking/state.js";
import { ending, explain, heldText, refusal, told } from "../../web/console/words.js";

globalThis.location ??= new URL("https://rapport.example/");

test("an address gives its parameters, decoded, with or without a slash at its end", () => {
  assert.deepEqual(match("/coaches/{userId}", "/coaches/a%20b"), { userId: "a b" });
  assert.deepEqual(match("/coaches", "/coaches/"), {});
  assert.equal(match("/coaches", "/coaches/1"), null);
  assert.equal(match("/", "/desk"), null);
  assert.deepEqual(match("/call/{sessionId}", "/call/%E0%A4%A"), { sessionId: "%E0%A4%A" });
});

test("one returns only to an address of this very server", () => {
  assert.equal(ownPath("/cards?x=1#y"), "/cards?x=1#y");
  for (const foreign of ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", "//[", "", null]) {
    assert.equal(ownPath(foreign), "/");
  }
  assert.equal(ownPath("/\t/evil.example"), "/");
  // What is left of these once their dots are resolved begins with two slashes, which names another host.
  for (const dotted of ["/.//evil.example", "/x/..//evil.example", "/%2e//evil.example", "/./\\evil.example"]) {
    assert.equal(ownPath(dotted), "/");
  }
});

test("amounts are in the units of their currency", () => {
  assert.equal(major({ amount: 3750, currency: "USD" }), 37.5);
  assert.equal(major({ amount: 3750, currency: "JPY" }), 3750);
  assert.equal(minor(2.3, "USD"), 230);
  assert.equal(minor(1.005, "KWD"), 1005);
  assert.equal(plain({ amount: 250, currency: "USD" }), "2.50");
  assert.match(money({ amount: 3750, currency: "USD" }), /37[.,]50/);
});

test("a duration is shown and spoken in full seconds", () => {
  assert.equal(duration(187.9), "3:07");
  assert.equal(duration(3725), "1:02:05");
  assert.equal(duration(-1), "0:00");
  assert.equal(spoken(3661), "1 hour 1 minute 1 second");
  assert.equal(spoken(0), "0 seconds");
});

test("what happened is told by the server's clock, whatever this machine's says", () => {
  clock.anchor({ serverTime: "2031-01-01T00:10:00.000Z", clockSpeed: 1 });
  assert.equal(relative("2031-01-01T00:09:50.000Z"), "just now");
  assert.equal(relative("2031-01-01T00:05:00.000Z"), "5 minutes ago");
  assert.equal(relative("2030-12-31T22:10:00.000Z"), "2 hours ago");
  assert.match(relative("2030-11-01T00:00:00.000Z"), /2030/);
  // Not "yesterday": for whoever reads it in the evening, that was this morning.
  assert.equal(relative("2030-12-31T06:10:00.000Z"), "1 day ago");
});

test("somebody without a name has initials too", () => {
  assert.equal(initials("Demo Coach"), "DC");
  assert.equal(initials("  one  two three "), "OT");
  assert.equal(initials("élan"), "É");
  assert.equal(initials(" "), "?");
});

test("a refusal says how long to wait, and what the bank said of the card", () => {
  assert.match(explain({ code: "RATE_LIMITED", retryAfterMs: 2400 }).text, /Try again in 3 seconds/);
  assert.match(explain({ code: "ACCOUNT_LOCKED", retryAfterMs: 600_000 }).text, /Try again in 10 minutes/);
  assert.match(explain({ code: "PAYMENT_REFUSED", details: { reason: "expired_card" } }).text, /expired/);
  assert.equal(refusal("something_new"), refusal(undefined));
});

test("what is held is told for as many minutes as the operator chose", () => {
  const rate = { amount: 250, currency: "USD" };
  assert.match(heldText(rate, 15), /37[.,]50.* for the first 15 minutes\./);
  assert.match(heldText(rate, 1), /2[.,]50.* for the first minute\./);
});

test("languages that only the system understands spoil no number", () => {
  assert.deepEqual(known(["en-US@posix", "de-DE", "C", "en"]), ["de-DE", "en"]);
});

test("an id needs no secure context, and is never the same", () => {
  assert.match(randomId(), /^[0-9a-f]{32}$/);
  assert.notEqual(randomId(), randomId());
});

test("what nobody foresaw is told all the same", () => {
  assert.equal(explain(new Error("boom")).text, "boom");
  assert.ok(explain(null).text);
  // `?why=` of the sign-in page is written by anybody.
  assert.equal(explain({ code: "constructor" }).title, explain(null).title);
  assert.ok(ending("something_new").text);
  assert.equal(told({ kind: "something_new", params: {}, createdAt: "" }).title, "something new");
});

test("the two sides of a call read different words of its end", () => {
  assert.notEqual(ending("ended_by_coach", "caller").text, ending("ended_by_coach", "callee").text);
  assert.ok(ending("payment_refused", "caller").action);
  assert.equal(ending("payment_refused", "callee").action, undefined);
});

test("a signal tells at once and on every change, until it is stopped", () => {
  const one = signal(1);
  const heard = [];
  const stop = one.subscribe((value) => heard.push(value));
  one.value = 2;
  one.value = 2;
  stop();
  one.value = 3;
  assert.deepEqual(heard, [1, 2]);
});

test("who is stopped by another listener hears nothing more", () => {
  const one = signal(0);
  const heard = [];
  const kept = bag();
  one.subscribe((value) => value === 1 && kept.dispose());
  kept.add(one.subscribe((value) => heard.push(value)));
  one.value = 1;
  assert.deepEqual(heard, [0]);
});

test("whoever cancelled a booking is not told of themselves as of somebody else", () => {
  const label = (by, role) => bookingState({ state: `cancelled_by_${by}`, role }).label;
  assert.equal(label("client", "client"), "You cancelled");
  assert.equal(label("coach", "client"), "Cancelled by the coach");
  assert.equal(label("client", "coach"), "Cancelled by the client");
  assert.equal(label("client", null), "Cancelled by the client");
});
