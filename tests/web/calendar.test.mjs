// The calendar's pure parts: zones through both changes of the clocks, places in a day, recurrence rules, words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { drawn, lanes, partOf, snap, timesOf } from "../../web/console/calendar/layout.js";
import { firstDay, parseRule, ruleText, ruleWords } from "../../web/console/calendar/rules.js";
import {
  addDays, dateIn, exists, instantOf, minutesIn, mondayOf, offsetLabel, parseTime, timeText, wallIn, weekdayOf,
} from "../../web/console/calendar/zones.js";

const MINUTE = 60_000;
const at = (text) => Date.parse(text);

test("a wall time is the instant at which clocks show it", () => {
  assert.equal(instantOf("Europe/Berlin", "2026-07-01", 9 * 60), at("2026-07-01T07:00:00Z"));
  assert.equal(instantOf("America/New_York", "2026-01-15", 13 * 60 + 30), at("2026-01-15T18:30:00Z"));
  assert.equal(instantOf("Asia/Kathmandu", "2026-01-15", 0), at("2026-01-14T18:15:00Z"));
  assert.equal(instantOf("UTC", "2026-01-15", 1440), at("2026-01-16T00:00:00Z"));
});

test("a time that clocks skip is later, one that they show twice is the first", () => {
  // Forward at 02:00 in New York, 2026-03-08; back at 02:00, 2026-11-01.
  assert.equal(instantOf("America/New_York", "2026-03-08", 150), at("2026-03-08T07:30:00Z"));
  assert.equal(exists("America/New_York", "2026-03-08", 150), false);
  assert.equal(exists("America/New_York", "2026-03-08", 180), true);
  assert.equal(instantOf("America/New_York", "2026-11-01", 90), at("2026-11-01T05:30:00Z"));
  // Half an hour only, on Lord Howe: back at 02:00 on 2026-04-05, forward at 02:00 on 2026-10-04.
  assert.equal(instantOf("Australia/Lord_Howe", "2026-04-05", 105), at("2026-04-04T14:45:00Z"));
  assert.equal(exists("Australia/Lord_Howe", "2026-10-04", 135), false);
  assert.equal(instantOf("Australia/Lord_Howe", "2026-10-04", 150), at("2026-10-03T15:30:00Z"));
});

test("every quarter of every hour comes back as it went, on the days on which clocks change and beside them", () => {
  for (const zone of ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]) {
    for (const date of ["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2026-02-18"]) {
      for (let minutes = 0; minutes < 1440; minutes += 15) {
        if (!exists(zone, date, minutes)) continue;
        const instant = instantOf(zone, date, minutes);
        assert.equal(dateIn(zone, instant), date);
        assert.equal(minutesIn(zone, instant), minutes);
      }
    }
  }
});

test("a date has its weekday, its neighbours and its Monday", () => {
  assert.equal(weekdayOf("2026-11-21"), 5);
  assert.equal(mondayOf("2026-11-22"), "2026-11-16");
  assert.equal(mondayOf("2026-11-23"), "2026-11-23");
  assert.equal(addDays("2026-12-31", 1), "2027-01-01");
  assert.equal(addDays("2028-03-01", -1), "2028-02-29");
  assert.deepEqual(wallIn("Asia/Tokyo", at("2026-12-31T15:00:00Z")), { year: 2027, month: 1, day: 1, hour: 0, minute: 0 });
});

test("times of day are read and written", () => {
  assert.equal(parseTime("09:30"), 570);
  assert.equal(parseTime("24:00"), 1440);
  for (const wrong of ["24:15", "9", "09:60", "", "nine"]) assert.equal(parseTime(wrong), null);
  assert.equal(timeText(570), "09:30");
  assert.equal(timeText(1440), "24:00");
});

test("an offset is that of the season", () => {
  assert.equal(offsetLabel("Europe/Berlin", at("2026-07-01T00:00:00Z")), "UTC+2");
  assert.equal(offsetLabel("Europe/Berlin", at("2026-12-01T00:00:00Z")), "UTC+1");
  assert.equal(offsetLabel("America/St_Johns", at("2026-12-01T00:00:07Z")), "UTC−3:30");
  assert.equal(offsetLabel("Europe/London", at("2026-12-01T00:00:00Z")), "UTC");
});

test("what goes over midnight takes a part of both days", () => {
  const night = { start: at("2026-11-21T22:00:00Z"), end: at("2026-11-22T01:30:00Z") };
  assert.deepEqual(partOf(night, "2026-11-21", "UTC"), { from: 1320, to: 1440 });
  assert.deepEqual(partOf(night, "2026-11-22", "UTC"), { from: 0, to: 90 });
  assert.equal(partOf(night, "2026-11-23", "UTC"), null);
  assert.equal(partOf({ ...night, end: at("2026-11-22T00:00:00Z") }, "2026-11-22", "UTC"), null);
});

test("what lies in the hour that is shown twice has a length", () => {
  // 01:45 EDT to 01:15 EST: half an hour.
  const twice = { start: at("2026-11-01T05:45:00Z"), end: at("2026-11-01T06:15:00Z") };
  assert.deepEqual(partOf(twice, "2026-11-01", "America/New_York"), { from: 105, to: 135 });
});

test("a part of a day that clocks skip wholly has no times; the others have theirs", () => {
  assert.equal(timesOf({ from: 120, to: 120 }, "2026-03-08", "America/New_York"), null);
  const over = timesOf({ from: 60, to: 240 }, "2026-03-08", "America/New_York");
  assert.equal((over.end - over.start) / MINUTE, 120);
});

test("those who overlap stand beside each other, the others have the whole width", () => {
  const [a, b, c, d] = [{ from: 0, to: 60 }, { from: 30, to: 90 }, { from: 60, to: 120 }, { from: 120, to: 180 }];
  const placed = lanes([d, c, b, a]);
  const of = (part) => placed.find((one) => one.part === part);
  assert.deepEqual([of(a).lane, of(a).lanes], [0, 2]);
  assert.deepEqual([of(b).lane, of(b).lanes], [1, 2]);
  assert.deepEqual([of(c).lane, of(c).lanes], [0, 2]);
  assert.deepEqual([of(d).lane, of(d).lanes], [0, 1]);
});

test("a hand draws whole quarters of an hour, in both directions, never out of the day", () => {
  assert.deepEqual(drawn(544, 601), { from: 540, to: 615 });
  assert.deepEqual(drawn(601, 544), { from: 540, to: 615 });
  assert.deepEqual(drawn(540, 540), { from: 540, to: 555 });
  assert.deepEqual(drawn(1439, 1440), { from: 1425, to: 1440 });
  assert.equal(snap(-5), 0);
  assert.equal(snap(1600), 1440);
  assert.equal(snap(68), 75);
});

test("a rule comes back as it was written, and what the form does not know stays away from it", () => {
  for (const rule of [
    { freq: "WEEKLY", interval: 1, days: [0, 4] },
    { freq: "WEEKLY", interval: 2, days: [2], count: 10 },
    { freq: "DAILY", interval: 3, days: [], until: "2027-01-31" },
  ]) {
    assert.deepEqual(parseRule(ruleText(rule)), rule);
  }
  assert.equal(ruleText({ freq: "WEEKLY", interval: 1, days: [4, 0, 0] }), "FREQ=WEEKLY;BYDAY=MO,FR");
  for (const foreign of ["FREQ=MONTHLY;BYDAY=1MO", "FREQ=DAILY;BYHOUR=9", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;BYDAY=MO", ""]) {
    assert.equal(parseRule(foreign), null);
  }
});

test("a rule is told in words", () => {
  assert.equal(ruleWords("FREQ=WEEKLY;BYDAY=MO,WE,FR"), "Every week on Monday, Wednesday and Friday");
  assert.equal(ruleWords("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=10"), "Every 2 weeks on Tuesday, 10 times");
  assert.equal(ruleWords("FREQ=DAILY;COUNT=1"), "Every day, 1 time");
  assert.match(ruleWords("FREQ=MONTHLY"), /FREQ=MONTHLY/);
});

test("a series begins on the first day that its rule allows", () => {
  // 2026-11-21 is a Saturday.
  assert.equal(firstDay("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4", "2026-11-21"), "2026-11-23");
  assert.equal(firstDay("FREQ=WEEKLY;BYDAY=SA;COUNT=4", "2026-11-21"), "2026-11-21");
  assert.equal(firstDay("FREQ=DAILY;COUNT=4", "2026-11-21"), "2026-11-21");
});

test("until a day means that day where the calendar is", () => {
  assert.equal(ruleText({ freq: "DAILY", interval: 1, days: [], until: "2026-12-31" }), "FREQ=DAILY;UNTIL=20261231");
});
