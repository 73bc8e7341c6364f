// The seat in a scheduled session: the same as in a call, by the names of /video.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { VideoSeat } from "../../web/client/video-seat.js";
import { FakeAccounts, fakeIo, settle } from "./support.mjs";

const JOIN = "join-session";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

async function taken() {
  const { io, last, connections } = fakeIo();
  const seat = new VideoSeat({
    url: "https://rapport.example", io, accounts: new FakeAccounts(), device: async () => "web-1",
    page: new EventTarget(), random: () => 0, bookingId: "b1", mayResume: () => false,
  });
  const heard = [];
  seat.on("joined", () => heard.push("joined"));
  seat.on("event", ({ name }) => heard.push(name));
  seat.on("refused", ({ code }) => heard.push(code));
  seat.take();
  await settle();
  last().accept();
  await settle();
  return { seat, heard, last, connections };
}

test("it connects to /video, and joins by the booking", async () => {
  const { last } = await taken();

  assert.equal(last().url, "https://rapport.example/video");
  assert.deepEqual(last().asked.map(({ event, payload }) => [event, payload]), [
    [JOIN, { bookingId: "b1", deviceId: "web-1", resume: false }],
  ]);
});

test("signals and proofs go by the names of /video, and samples of quality to nobody", async () => {
  const { seat, last } = await taken();
  last().answer(JOIN, { epoch: 0 });
  await settle();

  const said = [seat.signal(0, { candidate: { candidate: "c" } }), seat.reportMedia(0, "connected")];
  await seat.reportQuality({ rttMs: 5 });

  assert.deepEqual(last().asked.slice(1).map(({ event, payload }) => [event, payload]), [
    ["session-signal", { bookingId: "b1", epoch: 0, candidate: { candidate: "c" } }],
    ["session-media-state", { bookingId: "b1", epoch: 0, state: "connected" }],
  ]);
  last().answer("session-signal");
  last().answer("session-media-state");
  await Promise.all(said);
});

test("new credentials are fetched by the same handshake", async () => {
  const { seat, last } = await taken();
  last().answer(JOIN, { epoch: 0 });
  await settle();

  const fresh = seat.refresh();
  await settle();
  assert.deepEqual(last().asked.at(-1).payload, { bookingId: "b1", deviceId: "web-1", resume: true });
  last().answer(JOIN, { epoch: 0, iceServers: [] });

  assert.deepEqual(await fresh, { epoch: 0, iceServers: [] });
});

for (const code of ["GONE", "NOT_FOUND", "TOO_EARLY"]) {
  test(`${code}: the room is not for this device now`, async () => {
    const { seat, heard, last, connections } = await taken();
    last().refuseAsk(JOIN, code);
    await settle();
    mock.timers.tick(60_000);
    await settle();

    assert.deepEqual([heard, seat.seated, connections.length], [[code], false, 1]);
  });
}
