// @ts-check
/** The seat of one side in a scheduled session: a dedicated socket on `/video`. */

import { Seat } from "./seat.js";

const NAMES = Object.freeze({
  namespace: "/video",
  join: "join-session",
  signal: "session-signal",
  mediaState: "session-media-state",
});

/** @extends {Seat<import("./video-facts.js").Joined>} */
export class VideoSeat extends Seat {
  /** @param {import("./seat.js").SeatSocket & {bookingId: string, mayResume: () => boolean}} parts */
  constructor({ bookingId, ...parts }) {
    super({ ...parts, names: NAMES, subject: { bookingId } });
  }
}
