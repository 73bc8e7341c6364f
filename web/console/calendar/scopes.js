// @ts-check
// How much of what repeats is meant.
import { choices } from "../choices.js";
import { dialog } from "../dialog.js";

/** @typedef {import("./slot-dialog.js").Slot} Slot */
/** @typedef {import("./slot-dialog.js").Scope} Scope */

const SCOPES = [
  { value: "this", label: "This one" },
  { value: "following", label: "From here on" },
  { value: "all", label: "All" },
];

/**
 * The address of a change to a slot.
 * @param {Slot} slot
 * @param {Scope} scope
 */
export function slotPath(slot, scope) {
  const path = `/api/bookings/availability/${slot.slotId}`;
  if (!slot.recurrence) return path;
  return `${path}?${new URLSearchParams({ scope, occurrence: slot.start })}`;
}

/** @param {(value: Scope) => void} changed */
export function scopeChoice(changed = () => {}) {
  return choices(SCOPES, {
    legend: "What is meant",
    name: "scope",
    chosen: ["this"],
    changed: ([value]) => changed(/** @type {Scope} */ (value)),
  });
}

/** Ask what a move of a series means. @returns {Promise<Scope | null>} */
export async function askScope() {
  const scope = scopeChoice();
  const yes = await dialog({
    title: "Move which of them?",
    body: [scope.node],
    actions: [
      { label: "Cancel", value: false, kind: "quiet" },
      { label: "Move", value: true, kind: "primary" },
    ],
  });
  return yes ? /** @type {Scope} */ (scope.values()[0]) : null;
}
