// @ts-check
// What a drag on the grid comes to. Fetched with the first one.
import { toast } from "../toast.js";
import { whole } from "./format.js";
import { askScope, slotPath } from "./scopes.js";

/** @typedef {import("./grid.js").Item} Item */

/** @param {number} instant */
function utc(instant) {
  return new Date(instant).toISOString();
}

/**
 * A slot was moved or pulled on the grid.
 * @param {import("../main.js").App} app
 * @param {string} zone
 * @param {Item} item
 * @param {number} start
 * @param {number} end
 */
export async function moveSlot(app, zone, item, start, end) {
  /** @type {import("./slot-dialog.js").Slot} */
  const slot = item.source;
  const scope = slot.recurrence ? await askScope() : "this";
  if (!scope) return;
  const { instant, sessionTypeIds = [] } = slot;
  const body = { start: utc(start), end: utc(end), instant, sessionTypeIds };
  await app.rapport.api.put(slotPath(slot, scope), body, { version: slot.version });
  toast(`Moved to ${whole(start, end, zone)}.`, { kind: "good" });
}
