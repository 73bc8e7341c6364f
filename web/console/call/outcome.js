// @ts-check
// What became of a ring, or of a call, told to a tab that is looking elsewhere.
import { SEATED } from "../open-call.js";
import { navigate } from "../router.js";
import { toast } from "../toast.js";
import { ending } from "../words.js";

/**
 * A ring that this tab did not answer is over.
 * @param {import("../open-call.js").Incoming} ring
 * @param {string} state
 */
export function tellRing(ring, state) {
  const { name } = ring.client;
  if (SEATED.has(state)) toast(`You answered ${name} on another device.`);
  else if (state === "missed") toast(`You missed a call from ${name}.`, { kind: "bad" });
  else if (state === "cancelled") toast(`${name} took the call back.`);
}

/**
 * A call in which both were seated is over: its receipt takes the place of its page; elsewhere, a word leads
 * there.
 * @param {import("../open-call.js").OpenCall} call
 * @param {string | null} reason
 */
export function showReceipt(call, reason) {
  const receipt = `/receipts/${call.sessionId}`;
  if (location.pathname === `/call/${call.sessionId}`) navigate(receipt, { replace: true });
  else if (call.where === "here") {
    toast(ending(reason, call.role).text, { action: { label: "See the receipt", href: receipt } });
  }
}
