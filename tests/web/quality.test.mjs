// Samples of quality out of W3C statistics.

import assert from "node:assert/strict";
import { test } from "node:test";

import { countersOf, sampleOf } from "../../web/client/quality.js";

const report = (packets, lost, bytesIn, bytesOut) => [
  { type: "transport", id: "T", selectedCandidatePairId: "P2" },
  { type: "candidate-pair", id: "P1", nominated: true, currentRoundTripTime: 9 },
  { type: "candidate-pair", id: "P2", nominated: true, currentRoundTripTime: 0.0215 },
  { type: "inbound-rtp", kind: "audio", packetsReceived: packets, packetsLost: lost, bytesReceived: bytesIn,
    jitter: 0.004, audioLevel: 0.25 },
  { type: "inbound-rtp", kind: "video", packetsReceived: 0, framesPerSecond: 25, framesDropped: 3 },
  { type: "outbound-rtp", bytesSent: bytesOut },
];

test("rates and losses are those between two readings", () => {
  const before = countersOf(report(100, 1, 1000, 2000), 0);
  const after = countersOf(report(195, 6, 6000, 12_000), 5000);
  assert.deepEqual(sampleOf(before, after), {
    rttMs: 21.5, jitterMs: 4, fpsIn: 25, framesDropped: 3, audioLevel: 0.25,
    lossPct: 5, bitrateIn: 8000, bitrateOut: 16_000,
  });
});

test("what a browser does not tell is left out, and nothing is ever negative", () => {
  const audio = { type: "inbound-rtp", kind: "audio", packetsReceived: 9 };
  const before = countersOf([{ ...audio, packetsLost: 5 }], 0);
  const after = countersOf([{ ...audio, packetsLost: 4 }], 5000);
  assert.deepEqual(sampleOf(before, after), { bitrateIn: 0, bitrateOut: 0 });
});
