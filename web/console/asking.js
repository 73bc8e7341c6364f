// @ts-check
// Asking over the socket until there is an answer: a request that may be repeated, and is.
import { RapportError } from "../client/errors.js";

/** @import { NotificationsRequests } from "../client/types.d.ts" */
/** @typedef {import("../client/notifications.js").Notifications} Notifications */

const TRIES = 3;
const PATIENCE_MS = 5_000;

/**
 * Ask; without an acknowledgement, again. Only for what the server knows by its id when it comes twice.
 * @template {keyof NotificationsRequests} E
 * @param {Notifications} notifications
 * @param {E} event
 * @param {NotificationsRequests[E]["payload"]} payload
 * @returns {Promise<NotificationsRequests[E]["reply"]>}
 * @throws {RapportError}
 */
export async function askAgain(notifications, event, payload) {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await notifications.ask(event, payload);
    } catch (error) {
      const lost = error instanceof RapportError && ["NO_ANSWER", "DISCONNECTED"].includes(error.code);
      if (!lost || left <= 1) throw error;
      await connected(notifications);
    }
  }
}

/**
 * Wait a little for the socket to be back.
 * @param {Notifications} notifications
 * @returns {Promise<void>}
 */
function connected(notifications) {
  return new Promise((resolve) => {
    const stop = notifications.on("state", ({ state }) => state === "connected" && done());
    const timer = setTimeout(done, PATIENCE_MS);
    function done() {
      clearTimeout(timer);
      stop();
      resolve();
    }
    if (notifications.state === "connected") done();
  });
}

/** Whether a call is not there any more, at least not for this device. @param {unknown} error */
export function isGone(error) {
  return error instanceof RapportError && ["GONE", "ANSWERED_ELSEWHERE", "NOT_FOUND"].includes(error.code);
}

/** An id of our own making; `crypto.randomUUID` is for secure contexts alone. */
export function randomId() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  return bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
