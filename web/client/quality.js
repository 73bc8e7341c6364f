// @ts-check
/**
 * Samples of a connection's quality, by the names and units of the event `live-quality`, read out of W3C
 * statistics (https://www.w3.org/TR/webrtc-stats/). Pure.
 */

/**
 * @typedef {object} Counters  what rises, and when it was read
 * @property {number} at  milliseconds, monotonic
 * @property {number} packets
 * @property {number} lost
 * @property {number} bytesIn
 * @property {number} bytesOut
 * @property {Sample} now  what is so at this moment
 */

/**
 * @typedef {object} Sample
 * @property {number} [rttMs]
 * @property {number} [jitterMs]
 * @property {number} [lossPct]  of the packets since the last sample
 * @property {number} [bitrateIn]  bits per second
 * @property {number} [bitrateOut]  bits per second
 * @property {number} [fpsIn]
 * @property {number} [framesDropped]  since the connection began
 * @property {number} [audioLevel]  0 to 1
 */

/**
 * @param {Iterable<any>} entries  the values of an RTCStatsReport
 * @param {number} at
 * @returns {Counters}
 */
export function countersOf(entries, at) {
  const all = [...entries];
  const inbound = all.filter((entry) => entry.type === "inbound-rtp");
  const outbound = all.filter((entry) => entry.type === "outbound-rtp");
  const audio = inbound.find((entry) => entry.kind === "audio");
  const video = inbound.find((entry) => entry.kind === "video");
  const transport = all.find((entry) => entry.type === "transport");
  // Not every browser has `transport`; then it is the pair that was nominated.
  const pair = all.find((entry) =>
    entry.type === "candidate-pair" &&
    (transport?.selectedCandidatePairId ? entry.id === transport.selectedCandidatePairId : entry.nominated));
  /** @type {Sample} */
  const now = {};
  put(now, "rttMs", pair?.currentRoundTripTime, 1000);
  put(now, "jitterMs", (audio ?? video)?.jitter, 1000);
  put(now, "fpsIn", video?.framesPerSecond);
  put(now, "framesDropped", video?.framesDropped);
  put(now, "audioLevel", audio?.audioLevel);
  return {
    at,
    packets: sum(inbound, "packetsReceived"),
    lost: sum(inbound, "packetsLost"),
    bytesIn: sum(inbound, "bytesReceived"),
    bytesOut: sum(outbound, "bytesSent"),
    now,
  };
}

/**
 * The sample between two readings of one connection.
 * @param {Counters} before
 * @param {Counters} after
 * @returns {Sample}
 */
export function sampleOf(before, after) {
  const seconds = (after.at - before.at) / 1000;
  const sample = { ...after.now };
  const lost = Math.max(after.lost - before.lost, 0); // a late packet takes a loss back
  const expected = after.packets - before.packets + lost;
  if (expected > 0) sample.lossPct = round((100 * lost) / expected);
  if (seconds > 0) {
    sample.bitrateIn = Math.max(round((8 * (after.bytesIn - before.bytesIn)) / seconds), 0);
    sample.bitrateOut = Math.max(round((8 * (after.bytesOut - before.bytesOut)) / seconds), 0);
  }
  return sample;
}

/**
 * @param {Sample} sample
 * @param {keyof Sample} name
 * @param {number | undefined} value
 * @param {number} [scale]
 */
function put(sample, name, value, scale = 1) {
  if (Number.isFinite(value)) sample[name] = round(/** @type {number} */ (value) * scale);
}

/** @param {any[]} entries @param {string} name */
function sum(entries, name) {
  return entries.reduce((total, entry) => total + (entry[name] ?? 0), 0);
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}
