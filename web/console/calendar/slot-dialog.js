// @ts-check
// Making and changing a slot by a form: once or repeatedly, and of what repeats this one, those from here on, or all.
import { check, choices } from "../choices.js";
import { h } from "../dom.js";
import { formDialog } from "../form-dialog.js";
import { randomId } from "../asking.js";
import { momentFields } from "./moments.js";
import { ruleFields } from "./rule-fields.js";
import { scopeChoice, slotPath } from "./scopes.js";
import { firstDay, parseRule, ruleWords } from "./rules.js";

/**
 * @typedef {object} Slot  SlotView of the API
 * @property {string} slotId
 * @property {string} start   of a series: of this occurrence
 * @property {string} end
 * @property {boolean} instant
 * @property {string[]} sessionTypeIds
 * @property {{rule: string, timeZone: string}} [recurrence]
 * @property {number} version
 *
 * @typedef {{sessionTypeId: string, name: string}} Offered
 * @typedef {"this" | "following" | "all"} Scope
 */

/** @param {number} instant */
function utc(instant) {
  return new Date(instant).toISOString();
}

/**
 * @param {object} options
 * @param {boolean} options.instant
 * @param {string[]} options.sessionTypeIds
 * @param {Offered[]} options.offered
 */
function kindFields({ instant, sessionTypeIds, offered }) {
  const firm = check(
    "Firm at once",
    instant,
    "Clients book without asking you first, if the session type allows it too.",
  );
  const types =
    offered.length > 1
      ? choices(
          offered.map((one) => ({ value: one.sessionTypeId, label: one.name })),
          {
            legend: "For",
            name: "sessionTypeIds",
            chosen: sessionTypeIds,
            many: true,
            hint: "None chosen: for all.",
          },
        )
      : null;
  return {
    node: [firm.node, types?.node],
    read: () => ({ instant: firm.input.checked, sessionTypeIds: types ? types.values() : sessionTypeIds }),
  };
}

/**
 * @param {import("../main.js").App} app
 * @param {{zone: string, start: number, end: number, offered: Offered[], repeats?: boolean}} options
 * @returns {Promise<boolean>} whether there is a new one
 */
export function newSlotDialog(app, { zone, start, end, offered, repeats = false }) {
  const moments = momentFields({ zone: () => zone, start, end });
  const kind = kindFields({ instant: true, sessionTypeIds: [], offered });
  const rule = ruleFields({ rule: null, date: moments.date });
  const idempotencyKey = randomId();
  rule.node.hidden = !repeats;
  const how = choices(
    [
      { value: "once", label: "Once" },
      { value: "series", label: "Repeatedly" },
    ],
    {
      legend: "How often",
      name: "recurrence",
      chosen: [repeats ? "series" : "once"],
      changed: ([value]) => (rule.node.hidden = value === "once"),
    },
  );
  return formDialog({
    title: "New free time",
    submit: "Add it",
    content: [moments.node, how.node, rule.node, kind.node],
    fieldOf: (error) => (error?.code === "SLOT_TAKEN" ? "start" : null),
    send: async () => {
      const series = how.values()[0] === "series";
      const text = series ? rule.read() : "";
      const times = moments.read(series ? firstDay(text, moments.date()) : undefined);
      const recurrence = series ? { recurrence: { rule: text, timeZone: zone } } : {};
      const body = { start: utc(times.start), end: utc(times.end), ...kind.read(), ...recurrence };
      await app.rapport.api.post("/api/bookings/availability", body, { idempotencyKey });
    },
  });
}

/**
 * @param {import("../main.js").App} app
 * @param {{zone: string, slot: Slot, offered: Offered[]}} options
 * @returns {Promise<boolean>} whether something was changed
 */
export function editSlotDialog(app, { zone, slot, offered }) {
  const series = slot.recurrence;
  const moments = momentFields({
    zone: () => zone,
    start: Date.parse(slot.start),
    end: Date.parse(slot.end),
  });
  const kind = kindFields({ ...slot, offered });
  const known = series ? parseRule(series.rule) : null;
  const rule = known && ruleFields({ rule: known, date: moments.date });
  const scope = series && scopeChoice((value) => rule && (rule.node.hidden = value === "this"));
  const chosen = () => /** @type {Scope} */ (scope?.values()[0] ?? "this");
  if (rule) rule.node.hidden = true;
  const begun = rule?.read();
  const { api } = app.rapport;
  return formDialog({
    title: series ? "Free time that repeats" : "Free time",
    submit: "Save",
    lead: series ? [h("p.quiet", `${ruleWords(series.rule)}.`)] : [],
    content: [scope?.node, moments.node, rule?.node, kind.node],
    fieldOf: (error) => (error?.code === "SLOT_TAKEN" ? "start" : null),
    send: async () => {
      const whole = series && chosen() !== "this";
      const text = whole ? (rule ? rule.read() : series.rule) : "";
      const times = moments.read(whole && text !== begun ? firstDay(text, moments.date()) : undefined);
      // What is not said anew stays: the server knows what is left of a rule that counts.
      const anew = whole && rule && text !== begun;
      const recurrence = anew ? { recurrence: { rule: text, timeZone: series.timeZone } } : {};
      const body = { start: utc(times.start), end: utc(times.end), ...kind.read(), ...recurrence };
      await api.put(slotPath(slot, chosen()), body, { version: slot.version });
    },
    also: [{ label: "Delete", run: () => api.delete(slotPath(slot, chosen())) }],
  });
}
