// What a coach can do with a booking at a moment, how it is told, and how time is shown and taken hold of. Pure parts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { daysText, ruleTimes } from "../../web/console/business/rule-dialog.js";
import { wanted } from "../../web/console/calendar/drag.js";
import { windowsText } from "../../web/console/calendar/exceptions.js";
import { bookingItems, offeredItems } from "../../web/console/calendar/items.js";
import { endOf, spanOf } from "../../web/console/calendar/moments.js";
import { slotPath } from "../../web/console/calendar/scopes.js";
import { nextWindow, toField, toWire } from "../../web/console/calendar/week-form.js";
import { actsOf, coachStanding, timeNote } from "../../web/console/coach-bookings/standing.js";

const MINUTE = 60_000;
const START = Date.parse("2031-05-05T10:00:00Z");
const booking = (given = {}) => ({
  bookingId: "b1",
  role: "coach",
  format: "one_to_one",
  title: "Career talk",
  client: { name: "Mara" },
  start: "2031-05-05T10:00:00Z",
  end: "2031-05-05T11:00:00Z",
  joinFrom: "2031-05-05T09:50:00Z",
  price: { amount: 4950, base: 4950, currency: "USD", label: "" },
  state: "confirmed",
  blocksTime: true,
  ...given,
});

test("a request is answered, or answered with other times, whenever it is looked at", () => {
  assert.deepEqual(actsOf(booking({ state: "requested" }), START - 1), ["accept", "decline", "suggest"]);
  assert.deepEqual(actsOf(booking({ state: "time_suggested" }), START - 1), ["suggest"]);
});

test("a booking that stands can be cancelled until it begins, entered from ten minutes before, and concluded after", () => {
  const at = (minutes) => actsOf(booking(), START + minutes * MINUTE);
  assert.deepEqual(at(-60), ["cancel"]);
  assert.deepEqual(at(-10), ["join", "cancel"]);
  assert.deepEqual(at(0), ["join", "complete"]);
  assert.deepEqual(at(14), ["join", "complete"]);
  assert.deepEqual(at(15), ["join", "complete", "no-show"]);
  assert.deepEqual(at(121), ["complete", "no-show"]);
});

test("a wish for another time is answered, and the booking may still be called off", () => {
  const wish = { start: "2031-05-06T10:00:00Z", end: "2031-05-06T11:00:00Z", expiresAt: "2031-05-04T10:00:00Z" };
  assert.deepEqual(actsOf(booking({ rescheduling: wish }), START - 60 * MINUTE), ["accept", "decline", "cancel"]);
  assert.match(coachStanding(booking({ rescheduling: wish }), "UTC"), /Mara would rather come .*6/);
});

test("who meets elsewhere has the link at any time; a group is not missed by one", () => {
  const group = booking({ format: "group", client: undefined, state: "scheduled", meetingUrl: "https://meet.example/x" });
  assert.deepEqual(actsOf(group, START - 600 * MINUTE), ["meet", "cancel"]);
  assert.deepEqual(actsOf(group, START + 20 * MINUTE), ["meet", "complete"]);
});

test("time that a cancelled booking blocks can be opened again, as long as it is not over", () => {
  const cancelled = booking({ state: "cancelled_by_coach" });
  assert.deepEqual(actsOf(cancelled, START), ["reopen"]);
  assert.deepEqual(actsOf(cancelled, START + 60 * MINUTE), []);
  assert.deepEqual(actsOf(booking({ state: "cancelled_by_coach", blocksTime: false }), START), []);
  for (const state of ["completed", "no_show", "declined", "expired", "cancelled_by_client"]) {
    assert.deepEqual(actsOf(booking({ state }), START), [], state);
  }
});

test("every state has its words, and nobody is told of a payment that nobody made", () => {
  const states = [
    "requested", "time_suggested", "pending_payment", "confirmed", "pending_minimum_attendees", "scheduled", "completed",
    "no_show", "declined", "expired", "cancelled_by_client", "cancelled_by_coach",
  ];
  for (const state of states) assert.match(coachStanding(booking({ state, minAttendees: 3, attendees: 1 }), "UTC"), /\.$/, state);
  assert.doesNotMatch(coachStanding(booking({ price: { amount: 0 } }), "UTC"), /is paid/);
  assert.match(coachStanding(booking({ state: "pending_minimum_attendees", minAttendees: 3, attendees: 1 }), "UTC"), /^2 more/);
  assert.match(coachStanding(booking({ state: "no_show", missedBy: "both" }), "UTC"), /everything back/);
});

test("the client's zone is told where it is another one", () => {
  assert.equal(timeNote(booking({ timeZone: "America/New_York" }), "Europe/Berlin"), "1 h · the client is in America/New York");
  assert.equal(timeNote(booking({ timeZone: "Europe/Berlin" }), "Europe/Berlin"), "1 h");
});

test("only what keeps time stands in the calendar, and a wish stands beside what it is to replace", () => {
  const wish = { start: "2031-05-06T10:00:00Z", end: "2031-05-06T11:00:00Z" };
  const shown = bookingItems([
    booking({ rescheduling: wish }),
    booking({ bookingId: "b2", state: "expired", blocksTime: false }),
    booking({ bookingId: "b3", state: "cancelled_by_coach" }),
    booking({ bookingId: "b4", groupId: "g1" }),
    booking({ bookingId: "b5", format: "group", client: undefined, attendees: 1, capacity: 6, state: "scheduled" }),
  ]);
  assert.deepEqual(shown.map((one) => [one.key, one.look]), [
    ["booking b1", "firm"], ["wish b1", "waits"], ["booking b3", "blocked"], ["booking b5", "firm"],
  ]);
  assert.equal(shown[1].start, Date.parse(wish.start));
  assert.match(shown[3].note, /^1 of 6 places/);
});

test("hours of the week are ground to stand on; what is past cannot be moved", () => {
  const slot = (given) => ({ slotId: "s1", source: "slot", start: "2031-05-05T10:00:00Z", end: "2031-05-05T12:00:00Z", instant: true, sessionTypeIds: [], ...given });
  const names = new Map([["t1", "Career talk"]]);
  const [window, once, series] = offeredItems(
    [slot({ source: "schedule", slotId: undefined }), slot({}), slot({ source: "occurrence", instant: false, sessionTypeIds: ["t1", "gone"], recurrence: { rule: "FREQ=WEEKLY;BYDAY=MO;COUNT=2" } })],
    names,
    START,
  );
  assert.equal(window.kind, "window");
  assert.deepEqual([once.kind, once.movable, once.title], ["slot", false, "Free"]);
  assert.equal(series.note, "Career talk · Every week on Monday, 2 times");
  assert.equal(series.title, "Free on request");
});

test("what repeats is changed by its occurrence, what does not by itself", () => {
  assert.equal(slotPath({ slotId: "s1", start: "2031-05-05T10:00:00.000Z" }, "this"), "/api/bookings/availability/s1");
  assert.equal(
    slotPath({ slotId: "s1", start: "2031-05-05T10:00:00.000Z", recurrence: {} }, "following"),
    "/api/bookings/availability/s1?scope=following&occurrence=2031-05-05T10%3A00%3A00.000Z",
  );
});

test("a hand moves the whole, or pulls one end, by quarters of an hour and within the day", () => {
  const held = { began: 600, part: { from: 570, to: 660 } };
  assert.deepEqual(wanted({ ...held, how: "move" }, 622), { from: 585, to: 675 });
  assert.deepEqual(wanted({ ...held, how: "move" }, 0), { from: 0, to: 90 });
  assert.deepEqual(wanted({ ...held, how: "move" }, 1440), { from: 1350, to: 1440 });
  assert.deepEqual(wanted({ ...held, how: "upper" }, 700), { from: 645, to: 660 });
  assert.deepEqual(wanted({ ...held, how: "lower" }, 100), { from: 570, to: 585 });
  assert.deepEqual(wanted({ ...held, how: "lower" }, 700), { from: 570, to: 705 });
});

test("an end that is not after its start is on the next day, through changes of the clocks as well", () => {
  const night = spanOf("Europe/Berlin", "2031-03-29", 23 * 60, 3 * 60);
  assert.equal((night.end - night.start) / MINUTE, 180);
  assert.equal(night.overnight, true);
  assert.equal(spanOf("UTC", "2031-03-29", 60, 120).overnight, false);
});

test("a day's end is midnight to a field, 24:00 to the server", () => {
  assert.equal(toWire("00:00"), "24:00");
  assert.equal(toField("24:00"), "00:00");
  for (const time of ["09:30", "23:59"]) assert.equal(toWire(toField(time)), time);
});

test("further hours are offered after the last ones, within the day", () => {
  assert.deepEqual(nextWindow([]), { from: "09:00", to: "17:00" });
  assert.deepEqual(nextWindow([{ from: "09:00", to: "12:00" }]), { from: "13:00", to: "15:00" });
  assert.deepEqual(nextWindow([{ from: "09:00", to: "22:30" }]), { from: "23:00", to: "24:00" });
  assert.deepEqual(nextWindow([{ from: "20:00", to: "02:00" }]), { from: "23:00", to: "24:00" });
});

test("days and hours are told shortly", () => {
  assert.equal(daysText(["fri", "mon", "tue", "wed", "thu"]), "Mon – Fri");
  assert.equal(daysText(["sun", "mon", "tue"]), "Mon, Tue, Sun");
  assert.match(ruleTimes({ timeRate: { days: ["sat"], from: "18:00", to: "24:00" } }), /^Sat, 6:00.PM – 12:00.AM$/);
  assert.equal(windowsText([]), "Away");
  assert.match(windowsText([{ from: "09:00", to: "12:00" }]), /^9:00.AM – 12:00.PM$/);
});

test("what lasts past midnight ends by the clock of the next day", () => {
  assert.deepEqual([endOf(18 * 60, 90), endOf(23 * 60 + 30, 60), endOf(22 * 60, 120)], ["19:30", "00:30", "00:00"]);
});
