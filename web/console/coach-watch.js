// @ts-check
// Coaches' statuses as they change, and word of one who comes online while a page is open.
import { bag, signal } from "./store.js";
import { tellSystem } from "./system-word.js";
import { toast } from "./toast.js";

/**
 * @typedef {import("./main.js").App} App
 *
 * @typedef {object} Status
 * @property {string} coachId
 * @property {"online" | "busy" | "offline"} status
 * @property {{amount: number, currency: string}} ratePerMinute
 * @property {string} [since]
 */

/** A socket may watch so many (realtime/cluster/watchers.py). */
const WATCHED_MAX = 200;

/**
 * Follow coaches. `on(status)` is called with each change, and with the present state right after `add`.
 * @param {App} app
 * @param {(status: Status) => void} on
 */
export function watchCoaches(app, on) {
  const { notifications } = app.rapport;
  /** @type {Set<string>} */
  const watched = new Set();
  const kept = bag();
  kept.add(
    notifications.on("coach_status", (/** @type {Status} */ status) => {
      if (watched.has(status.coachId)) on(status);
    }),
  );
  return {
    /** @param {string[]} coachIds */
    async add(coachIds) {
      const fresh = coachIds.filter((id) => !watched.has(id)).slice(0, WATCHED_MAX - watched.size);
      for (const id of fresh) watched.add(id);
      try {
        for (const status of await notifications.watch(fresh)) on(/** @type {Status} */ (status));
      } catch {
        // Not connected yet, or just lost: the client watches them by itself once it is.
      }
    },
    dispose() {
      kept.dispose();
      notifications.unwatch([...watched]).catch(() => {});
    },
  };
}

/** Whether this person wants to be told of coaches who come online, as long as the page lives. */
export const wantsWord = signal(false);

/** The system's own notification may be asked for only by a click. */
export async function askForWord() {
  wantsWord.value = true;
  if ("Notification" in window && Notification.permission === "default")
    await Notification.requestPermission();
}

/**
 * Tell that a coach is there.
 * @param {{userId: string, name: string}} coach
 */
export function tellOnline(coach) {
  wantsWord.value = false;
  const href = `/coaches/${coach.userId}`;
  toast(`${coach.name} is online now.`, { kind: "good", action: { label: "Open", href } });
  tellSystem(`${coach.name} is online now`, { body: "Open the tab to call.", tag: "coach-online" });
}
