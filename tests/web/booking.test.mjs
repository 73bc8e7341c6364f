// What a client books, without a page: months and days in any zone, prices with their reason, bookings in words.

import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.sessionStorage ??= { getItem: () => null, setItem: () => {} };
globalThis.location ??= { reload: () => {} };
const { addMonths, byDay, monthOf, partsOfDay, spanOf, weeksOf } = await import(
  "../../web/console/booking/month.js"
);
const { reasonWords, savingWords } = await import("../../web/console/booking/price.js");
const { durationsOf, inOwnWords, policyWords } = await import("../../web/console/booking/types.js");
const { AHEAD, OVER, happened, said, standing } = await import("../../web/console/booking/story.js");
const { leftWords } = await import("../../web/console/booking/left.js");
const { closedWords } = await import("../../web/console/booking/connect.js");
const { missingWords, placesWords } = await import("../../web/console/booking/groups.js");
const { refundWords } = await import("../../web/console/booking/change.js");
const { remaining } = await import("../../web/console/session/remaining.js");
const { outcomeWords, viewOf } = await import("../../web/console/session/overtime.js");
const { sessionStanding } = await import("../../web/console/session/standing.js");

const start = (at) => ({ start: at, end: at, instant: true });

// --- months and days ----------------------------------------------------------------------------------------

test("months go over the turn of a year in both directions", () => {
  assert.deepEqual([addMonths("2026-12", 1), addMonths("2026-01", -1), addMonths("2026-03", 12)], [
    "2027-01", "2025-12", "2027-03",
  ]);
});

test("a month is laid out in weeks from Monday, whole ones", () => {
  const weeks = weeksOf("2026-11");

  assert.deepEqual(weeks[0], [null, null, null, null, null, null, "2026-11-01"]);
  assert.deepEqual([weeks.length, weeks.flat().filter(Boolean).length, weeks.at(-1)[0]], [6, 30, "2026-11-30"]);
  assert.ok(weeks.every((week) => week.length === 7));
});

test("a month begins and ends with the midnights of the zone", () => {
  assert.deepEqual(spanOf("2026-11", "Europe/Berlin", 0), {
    from: Date.parse("2026-10-31T23:00:00Z"),
    to: Date.parse("2026-11-30T23:00:00Z"),
  });
  assert.deepEqual(spanOf("2026-11", "America/New_York", 0), {
    from: Date.parse("2026-11-01T04:00:00Z"),
    to: Date.parse("2026-12-01T05:00:00Z"),
  });
});

test("of the present month, only what is not past; of a past one, nothing", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");

  assert.equal(spanOf("2026-11", "UTC", now).from, now);
  assert.equal(spanOf("2026-10", "UTC", now), null);
});

test("one start lies on different days in different zones", () => {
  const late = [start("2026-11-22T01:30:00.000Z"), start("2026-11-22T15:00:00.000Z")];

  assert.deepEqual([...byDay(late, "America/New_York").keys()], ["2026-11-21", "2026-11-22"]);
  assert.deepEqual([...byDay(late, "Europe/Berlin")].map(([day, some]) => [day, some.length]), [
    ["2026-11-22", 2],
  ]);
  assert.equal(monthOf([...byDay([start("2026-11-30T23:30:00Z")], "Europe/Berlin").keys()][0]), "2026-12");
});

test("a day has the parts in which something is free", () => {
  const times = ["00:00", "04:45", "05:00", "11:45", "12:00", "17:00", "23:45"];
  const starts = times.map((time) => start(`2026-11-22T${time}:00Z`));
  const parts = partsOfDay(starts, (instant) => (instant / 60_000) % 1440);

  assert.deepEqual(parts.map(([part, some]) => [part, some.map((one) => one.start.slice(11, 16))]), [
    ["Night", ["00:00", "04:45"]],
    ["Morning", ["05:00", "11:45"]],
    ["Afternoon", ["12:00"]],
    ["Evening", ["17:00", "23:45"]],
  ]);
  assert.deepEqual(partsOfDay([], () => 0), []);
});

// --- prices and offers --------------------------------------------------------------------------------------

const PRICE = { base: 6000, amount: 4800, currency: "USD", reason: "time_rate", label: "Evening discount" };

for (const [change, words] of [
  [{}, "Evening discount, −20%"],
  [{ reason: "code", label: "WELCOME", amount: 3000 }, "Code WELCOME, −50%"],
  [{ reason: "special_period", label: "" }, "Price of these days, −20%"],
  [{ reason: "base", amount: 6000, label: "" }, ""],
  [{ amount: 4799 }, "Evening discount, −20%"],
  [{ base: 999, amount: 666 }, "Evening discount"],
  [{ amount: 0, reason: "code", label: "FREE" }, "Code FREE, −100%"],
]) {
  test(`a price says its reason: “${words}” for ${JSON.stringify(change)}`, () => {
    assert.equal(savingWords({ ...PRICE, ...change }), words);
  });
}

test("the plain price needs no reason", () => {
  assert.equal(reasonWords({ reason: "base", label: "" }), "");
});

test("an offer speaks the reader's language, else English, else any", () => {
  const names = { de: "Erstgespräch", en: "First talk" };

  assert.equal(inOwnWords(names, ["de-AT", "en"]), "Erstgespräch");
  assert.equal(inOwnWords(names, ["fr", "de"]), "Erstgespräch");
  assert.equal(inOwnWords(names, ["fr"]), "First talk");
  assert.equal(inOwnWords({ ja: "話" }, ["fr"]), "話");
  assert.equal(inOwnWords(undefined, ["fr"]), "");
});

test("durations go in quarters of an hour, the usual one among them", () => {
  assert.deepEqual(durationsOf({ durationMin: 30, durationMax: 60, durationDefault: 50 }), [30, 45, 50, 60]);
  assert.deepEqual(durationsOf({ durations: [20, 40] }), [20, 40]);
});

test("what comes back is said before anything is booked", () => {
  const policy = { fullRefundHours: 24, partialRefundHours: 2, partialRefundPercent: 50 };

  assert.equal(
    policyWords({ policy }),
    "Cancel 24 hours ahead and all of it comes back, 2 hours ahead 50% of it.",
  );
  assert.equal(
    policyWords({ policy: { ...policy, fullRefundHours: 72, partialRefundPercent: 0 } }),
    "Cancel 3 days ahead and all of it comes back.",
  );
});

// --- a booking in words -------------------------------------------------------------------------------------

const VIEW = {
  bookingId: "b", state: "confirmed", role: "client", coach: { coachId: "c", userId: "u", name: "Mara" },
  client: { userId: "v", name: "Jo" }, title: "First talk", format: "one_to_one", firm: true,
  start: "2026-11-22T15:00:00Z", end: "2026-11-22T16:00:00Z", price: PRICE, goals: "", suggestions: [],
  rescheduling: null, groupId: null, missedBy: null, timeline: [],
};

test("every state of a booking has its sentence, and is either ahead or over", async () => {
  const { BOOKING_STATES } = await import("../../web/console/words.js");
  // A client's own booking is never a whole group.
  const own = Object.keys(BOOKING_STATES).filter(
    (state) => !["pending_minimum_attendees", "scheduled"].includes(state),
  );

  for (const state of own) assert.notEqual(standing({ ...VIEW, state }, "UTC"), "", state);
  for (const state of Object.keys(BOOKING_STATES)) assert.notEqual(AHEAD.has(state), OVER.has(state), state);
});

test("who missed a session is told what that means for the money", () => {
  const missed = (by) => standing({ ...VIEW, state: "no_show", missedBy: by }, "UTC");

  assert.match(missed("client"), /nothing goes back/);
  assert.match(missed("coach"), /Mara did not come\. All of it goes back/);
  assert.match(missed("both"), /All of it goes back/);
});

test("a timeline names who did it, from where the reader sits", () => {
  const entry = { at: "2026-11-21T10:00:00Z", what: "cancel_by_client", by: "client", detail: {} };

  assert.equal(happened(entry, VIEW, "UTC"), "You cancelled");
  assert.equal(happened(entry, { ...VIEW, role: "coach" }, "UTC"), "Jo cancelled");
  assert.equal(happened({ ...entry, what: "expire", by: "system" }, VIEW, "UTC"), "Expired");
});

test("money that went back is named by its sum, and what somebody wrote stays with it", () => {
  const detail = { amount: 2400, currency: "USD" };
  const entry = { at: "2026-11-21T10:00:00Z", what: "refunded", by: "gateway", detail };

  assert.equal(happened(entry, VIEW, "UTC"), "Money went back: $24.00");
  assert.equal(said({ ...entry, detail: { message: "A little later?" } }), "A little later?");
  assert.equal(said(entry), "");
});

test("a step that nobody put into words is said as it is called", () => {
  const entry = { at: "2026-11-21T10:00:00Z", what: "moved_the_moon", by: "system", detail: {} };

  assert.equal(happened(entry, VIEW, "UTC"), "Moved the moon");
});

for (const [refundPercent, amount, words] of [
  [100, 4800, "All of it comes back: $48.00."],
  [50, 2400, "50% comes back: $24.00 of $48.00."],
  [0, 0, "It is too late for a refund: nothing comes back."],
]) {
  test(`cancelling says what comes back: ${words}`, () => {
    assert.equal(refundWords(VIEW, { refundPercent, refund: { amount, currency: "USD" } }), words);
  });
}

test("of what was not paid, nothing comes back", () => {
  const none = { refundPercent: 100, refund: { amount: 0, currency: "USD" } };

  assert.match(refundWords({ ...VIEW, state: "requested" }, none), /Nothing was charged/);
  assert.match(refundWords({ ...VIEW, price: { ...PRICE, amount: 0 } }, none), /Nothing was charged/);
});

for (const [seconds, words] of [
  [45, "0:45"], [899, "14:59"], [7199, "1:59:59"], [7200, "2 hours"], [86_400, "24 hours"],
  [172_800, "2 days"], [400_000, "4 days"],
]) {
  test(`a deadline in ${seconds} s reads “${words}”`, () => assert.equal(leftWords(seconds), words));
}

test("a calendar that is not open says whether a connection would open it", () => {
  const shown = ["connected", "private"].map((privacy) => closedWords({ details: { privacy } }));
  assert.deepEqual(
    shown.map(({ title, connect }) => [title, connect]),
    [
      ["Books with connections only", true],
      ["Takes no bookings here", false],
    ],
  );
});

test("a group tells how full it is, and what it still waits for", () => {
  const group = { attendees: 3, capacity: 8, minAttendees: 4 };

  assert.equal(placesWords(group), "3 of 8 places taken, 5 left");
  assert.equal(missingWords(group), "Takes place once 1 more person is registered.");
  assert.equal(placesWords({ ...group, attendees: 8 }), "All 8 places are taken");
  assert.equal(missingWords({ ...group, attendees: 4 }), "");
});

// --- in the room --------------------------------------------------------------------------------------------

const FACTS = {
  state: "in_progress", role: "client", start: "2026-11-22T15:00:00Z", end: "2026-11-22T16:00:00Z",
  endsAt: "2026-11-22T16:00:00Z", overtime: null, meter: null, peerPresent: true, iceNote: null,
  overtimeRate: { amount: 100, currency: "USD" },
};
const WISH = {
  number: 1, minutes: 10, state: "pending_confirmation", requestedBy: "coach", confirmed: false,
  expiresAt: FACTS.end, price: { amount: 1000, currency: "USD" }, clientSecret: null, reason: null,
};

test("the clock of the room counts to the start, then to the end, and notices its nearness", () => {
  const at = (time) => remaining(FACTS, Date.parse(`2026-11-22T${time}Z`));

  assert.deepEqual(at("14:58:00"), { label: "until it begins", seconds: 120, part: 0, soon: false });
  assert.deepEqual(at("15:30:00"), { label: "left", seconds: 1800, part: 50, soon: false });
  assert.deepEqual(at("15:55:00"), { label: "left", seconds: 300, part: (100 * 55) / 60, soon: true });
  assert.equal(at("16:20:00").seconds, 0);
});

for (const [view, overtime, more] of [
  ["offer", null, {}],
  ["none", null, { state: "open" }],
  ["none", null, { overtimeRate: { amount: 0, currency: "USD" } }],
  ["asked", {}, {}],
  ["mine", {}, { role: "coach" }],
  ["bank", { confirmed: true, clientSecret: "s" }, {}],
  ["waiting_bank", { confirmed: true }, {}],
  ["waiting_bank", { confirmed: true }, { role: "coach" }],
  ["agreed", { state: "authorized" }, {}],
  ["active", { state: "active" }, {}],
  ["offer", { state: "declined" }, {}],
  ["offer", { state: "failed" }, {}],
]) {
  test(`overtime ${JSON.stringify(overtime)} is shown as “${view}” ${JSON.stringify(more)}`, () => {
    assert.equal(viewOf({ ...FACTS, ...more, overtime: overtime && { ...WISH, ...overtime } }), view);
  });
}

test("what became of a wish is told to each side in its words", () => {
  assert.match(outcomeWords({ ...WISH, state: "declined" }, "Jo", "coach"), /Jo has no more time/);
  assert.match(outcomeWords({ ...WISH, state: "failed", reason: "insufficient_funds" }, "Mara", "client"), /not enough money/);
  assert.match(outcomeWords({ ...WISH, state: "failed" }, "Jo", "coach"), /client's card/);
  assert.equal(outcomeWords({ ...WISH, state: "authorized" }, "Jo", "coach"), null);
});

test("nothing lies over the picture while both talk", () => {
  const line = { socket: "connected", connection: "connected", patient: false };

  assert.equal(sessionStanding(FACTS, "Mara", line), null);
  assert.match(sessionStanding({ ...FACTS, peerPresent: false }, "Mara", line).title, /not here now/);
  assert.match(sessionStanding({ ...FACTS, state: "open", peerPresent: false }, "Mara", line).title, /Waiting/);
  assert.match(sessionStanding(FACTS, "Mara", { ...line, connection: "failed" }).title, /broke/);
  assert.match(sessionStanding(FACTS, "Mara", { ...line, socket: "waiting" }).title, /line to the server/);
  assert.match(sessionStanding({ ...FACTS, state: "joining" }, "Mara", line).title, /Entering/);
});
