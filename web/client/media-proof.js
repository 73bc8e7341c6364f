// @ts-check
/**
 * Proof of media: inbound RTP grew within the last two seconds (docs/decisions/0004-proof-of-media.md).
 *
 * The state of a peer connection is no proof: it may call itself connected for half a minute after the
 * network is gone, until ICE consent expires (RFC 7675, section 5.1). So packets that arrive are counted.
 */

/** @typedef {"connecting" | "connected" | "disconnected" | "failed"} MediaState */

const WINDOW_MS = 2_000;
const LOOK_EVERY_MS = 250;
/** A report that was not taken is sent again after so long. */
const AGAIN_MS = 1_000;

/** Whether a counter grows. Pure: the caller brings the time (milliseconds, monotonic). */
export class Growth {
  #window;
  /** @type {number | null} */
  #count = null;
  /** @type {number | null} */
  #lookedAt = null;
  /** @type {number | null} */
  #grewAt = null;
  #ever = false;

  /** @param {number} [window] milliseconds */
  constructor(window = WINDOW_MS) {
    this.#window = window;
  }

  /** When it grew last, as far as anybody looked. */
  get grewAt() {
    return this.#grewAt;
  }

  /**
   * The counter stands at `count`.
   * @param {number} count
   * @param {number} now
   */
  note(count, now) {
    // Who did not look for longer than the window (a frozen page) cannot say when it grew.
    const blind = this.#lookedAt === null || now - this.#lookedAt > this.#window;
    if (!blind && this.#count !== null && count > this.#count) {
      this.#grewAt = now;
      this.#ever = true;
    }
    this.#count = count;
    this.#lookedAt = now;
  }

  /** Another counter: its first value is where it begins. When the last one grew stays true. */
  recount() {
    this.#count = null;
  }

  /** Another generation: nothing of the last one proves anything. */
  restart() {
    this.#count = this.#grewAt = null;
    this.#ever = false;
  }

  /**
   * @param {number} now
   * @returns {"connecting" | "connected" | "disconnected"} `disconnected` only after it was connected
   */
  state(now) {
    if (this.#grewAt !== null && now - this.#grewAt < this.#window) return "connected";
    return this.#ever ? "disconnected" : "connecting";
  }
}

/**
 * Watches a connection and reports: every change at once, `connected` again every `intervalMs`.
 * Reports only from {@link MediaProof.seated} to {@link MediaProof.unseated}: no other socket is believed.
 */
export class MediaProof {
  #connection;
  #report;
  #now;
  #growth = new Growth();
  #intervalMs = 5_000;
  #seated = false;
  /** @type {RTCPeerConnection | null} */
  #watched = null;
  #epoch = -1;
  /** @type {{epoch: number, state: MediaState, at: number} | null} */
  #told = null;
  /** Not before: the last report was not taken. */
  #quietUntil = 0;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #looking = false;

  /**
   * @param {object} parts
   * @param {() => {epoch: number, connection: RTCPeerConnection | null}} parts.connection  the present one
   * @param {(epoch: number, state: MediaState) => Promise<unknown>} parts.report
   * @param {() => number} [parts.now]
   */
  constructor({ connection, report, now = () => performance.now() }) {
    this.#connection = connection;
    this.#report = report;
    this.#now = now;
  }

  /** When inbound RTP grew last (`performance.now()`), in this generation; null if never. */
  get grewAt() {
    return this.#growth.grewAt;
  }

  /** Look from now on. */
  start() {
    this.#timer ??= setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#seated = false;
  }

  /**
   * A socket took the seat: it has proven nothing yet.
   * @param {number} intervalMs
   */
  seated(intervalMs) {
    this.#intervalMs = intervalMs;
    this.#seated = true;
    this.#told = null;
    this.#quietUntil = 0;
  }

  /** The socket is gone. */
  unseated() {
    this.#seated = false;
  }

  /** Look once, and report what there is to report. */
  async look() {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { epoch, connection } = this.#connection();
      const packets = await inboundPackets(connection);
      this.#note(epoch, connection, packets, this.#now());
    } finally {
      this.#looking = false;
    }
  }

  /**
   * @param {number} epoch
   * @param {RTCPeerConnection | null} connection
   * @param {number} packets
   * @param {number} now
   */
  #note(epoch, connection, packets, now) {
    if (connection !== this.#watched) this.#growth.recount();
    if (epoch !== this.#epoch) this.#growth.restart();
    this.#watched = connection;
    this.#epoch = epoch;
    this.#growth.note(packets, now);
    const grows = this.#growth.state(now);
    const state = grows !== "connected" && connection?.connectionState === "failed" ? "failed" : grows;
    const told = this.#told;
    const changed = told?.epoch !== epoch || told.state !== state;
    const due = state === "connected" && told !== null && now - told.at >= this.#intervalMs;
    const mayTell = this.#seated && now >= this.#quietUntil;
    if (mayTell && (changed || due)) this.#tell({ epoch, state, at: now });
  }

  /** @param {{epoch: number, state: MediaState, at: number}} what */
  async #tell(what) {
    this.#told = what;
    try {
      await this.#report(what.epoch, what.state);
    } catch {
      // Whoever restarted or ended the call is about to tell us; anything else is mended by saying it again.
      if (this.#told !== what) return;
      this.#told = null;
      this.#quietUntil = this.#now() + AGAIN_MS;
    }
  }
}

/**
 * RTP packets that a connection received, over all its tracks.
 * @param {RTCPeerConnection | null} connection
 * @returns {Promise<number>}
 */
async function inboundPackets(connection) {
  let packets = 0;
  if (!connection || connection.connectionState === "closed") return packets;
  for (const entry of (await connection.getStats()).values()) {
    if (entry.type === "inbound-rtp") packets += entry.packetsReceived ?? 0;
  }
  return packets;
}
