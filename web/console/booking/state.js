// @ts-check
// What a booking's state is called.
import { BOOKING_STATES } from "../words.js";

/**
 * A booking's state as one of its two sides reads it: nobody is told of themselves as of a third.
 * @param {{state: string, role?: string | null}} booking
 */
export function bookingState({ state, role }) {
  const known = BOOKING_STATES[state] ?? { label: state, kind: "offline" };
  const own = role && state === `cancelled_by_${role}`;
  return own ? { ...known, label: "You cancelled" } : known;
}
