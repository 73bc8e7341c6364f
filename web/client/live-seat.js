// @ts-check
/** The seat of one side in a live call: a dedicated socket on `/live`. */

import { Seat } from "./seat.js";

/** @import { Joined, LiveRequests } from "./types.d.ts" */

const NAMES = Object.freeze({
  namespace: "/live",
  join: "join-live-session-handshake",
  signal: "live-signal",
  mediaState: "live-media-state",
  quality: "live-quality",
});

/** @extends {Seat<Joined>} */
export class LiveSeat extends Seat {
  /** @param {import("./seat.js").SeatSocket & {sessionId: string, mayResume: () => boolean}} parts */
  constructor({ sessionId, ...parts }) {
    super({ ...parts, names: NAMES, subject: { sessionId } });
  }

  /**
   * Ask in the name of this seat.
   * @override
   * @template {keyof LiveRequests} E
   * @param {E} event
   * @param {Omit<LiveRequests[E]["payload"], "sessionId">} payload
   * @param {{timeoutMs?: number}} [options]
   * @returns {Promise<LiveRequests[E]["reply"]>}
   * @throws {import("./errors.js").RapportError}
   */
  ask(event, payload, options) {
    return super.ask(event, payload, options);
  }
}
