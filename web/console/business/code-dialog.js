// @ts-check
// A discount code: what it takes off, for whom, how often, how long.
import { randomId } from "../asking.js";
import { dayOf } from "../calendar/format.js";
import { addDays, dateIn, instantOf } from "../calendar/zones.js";
import { wrongField } from "../calendar/moments.js";
import { choices } from "../choices.js";
import { h } from "../dom.js";
import { formDialog } from "../form-dialog.js";
import { field } from "../form.js";
import { money } from "../format.js";
import { amountField, amountOf, control, numberOf, textOf, wholeField } from "./fields.js";
import { forTypes } from "./rule-dialog.js";

/**
 * @typedef {import("../format.js").Money} Money
 *
 * @typedef {object} DiscountCode
 * @property {string} discountCodeId
 * @property {string} code
 * @property {number} [percent]
 * @property {Money} [off]
 * @property {string} [validFrom]
 * @property {string} [validUntil]
 * @property {number} [maxUses]
 * @property {number} [maxUsesPerPerson]
 * @property {Money} [budget]
 * @property {string[]} sessionTypeIds
 * @property {number} uses
 * @property {number} discounted  minor units
 * @property {boolean} archived
 * @property {number} version
 */

/** "20 % off", "$5.00 off". @param {DiscountCode} code */
export function codeValue({ percent, off }) {
  return off ? `${money(off)} off` : `${percent} % off`;
}

/** How often it was used, and until when it holds. @param {DiscountCode} code @param {string} zone */
export function codeLimits({ uses, maxUses, validFrom, validUntil }, zone) {
  const used = maxUses ? `${uses} of ${maxUses} uses` : `${uses} use${uses === 1 ? "" : "s"}`;
  const from = validFrom ? `from ${dayOf(validFrom, zone)}` : "";
  // It ends where that day begins: the day before is the last.
  const until = validUntil ? `until ${dayOf(Date.parse(validUntil) - 1, zone)}` : "";
  return [used, from, until].filter(Boolean).join(" · ");
}

/** @param {DiscountCode | undefined} code @param {string} zone */
function limitFields(code, zone) {
  const day = (/** @type {string} */ label, /** @type {string} */ name, /** @type {string} */ value) =>
    field({ label, name, input: { type: "date", value } });
  const last = code?.validUntil ? dateIn(zone, Date.parse(code.validUntil) - 1) : "";
  const fields = {
    from: day("First day", "validFrom", code?.validFrom ? dateIn(zone, Date.parse(code.validFrom)) : ""),
    until: day("Last day", "validUntil", last),
    uses: wholeField("Uses in all", "maxUses", code?.maxUses, { min: 1, max: 1_000_000, required: false }),
    each: wholeField("Uses per person", "maxUsesPerPerson", code?.maxUsesPerPerson ?? 1, {
      min: 1,
      max: 1_000_000,
      required: false,
    }),
  };
  /** @param {string} date @param {number} days */
  const midnight = (date, days) =>
    date ? new Date(instantOf(zone, addDays(date, days))).toISOString() : null;
  return {
    node: h(
      "div.stack",
      h("div.field-group.dates", fields.from, fields.until),
      h("div.field-group", fields.uses, fields.each),
      h("p.quiet.small", "What stays empty sets no limit."),
    ),
    read: () => {
      const [first, end] = [control(fields.from).value, control(fields.until).value];
      if (first && end && end < first)
        throw wrongField("validUntil", "The last day is not before the first one.");
      return {
        validFrom: midnight(first, 0),
        validUntil: midnight(end, 1),
        maxUses: numberOf(fields.uses),
        maxUsesPerPerson: numberOf(fields.each),
      };
    },
  };
}

/** What is taken off: a share, or an amount. @param {DiscountCode | undefined} code @param {string} currency */
function valueFields(code, currency) {
  const percent = wholeField("Per cent off", "percent", code?.percent ?? 20, { min: 1, max: 100 });
  const off = amountField("Amount off", "off", code?.off ?? null, currency, { required: false });
  const how = choices(
    [
      { value: "percent", label: "Per cent" },
      { value: "off", label: "An amount" },
    ],
    {
      legend: "Takes off",
      name: "how",
      chosen: [code?.off ? "off" : "percent"],
      changed: ([value]) => show(value),
    },
  );
  const show = (/** @type {string} */ value) => {
    percent.hidden = value !== "percent";
    off.hidden = value !== "off";
  };
  show(code?.off ? "off" : "percent");
  return {
    node: [how.node, percent, off],
    read: () => {
      if (how.values()[0] === "percent") return { percent: numberOf(percent) };
      const amount = amountOf(off, currency);
      if (!amount?.amount) throw wrongField("off", "An amount like 5.00, please.");
      return { off: amount };
    },
  };
}

/**
 * @param {import("../main.js").App} app
 * @param {{code?: DiscountCode, offered: import("./rule-dialog.js").Offered[], currency: string, zone: string}} options
 */
export function codeDialog(app, { code, offered, currency, zone }) {
  const text = field({
    label: "Code",
    name: "code",
    hint: "Letters, digits, - and _. Clients may write it small.",
    wrong: "3 to 32 letters, digits, - or _.",
    input: {
      required: true,
      maxlength: 32,
      pattern: "[A-Za-z0-9_\\-]{3,32}",
      autocapitalize: "characters",
      spellcheck: "false",
      placeholder: "WELCOME",
    },
  });
  const value = valueFields(code, currency);
  const limits = limitFields(code, zone);
  const budget = amountField("Takes off at most, in all", "budget", code?.budget ?? null, currency, {
    required: false,
  });
  const types = forTypes(offered, code?.sessionTypeIds ?? []);
  const idempotencyKey = randomId();
  const { api } = app.rapport;
  const path = `/api/discount-codes/${code?.discountCodeId}`;
  /** @param {object} body */
  const create = async (body) => {
    try {
      await api.post("/api/discount-codes", body, { idempotencyKey });
    } catch (error) {
      const { code: why, details } = /** @type {any} */ (error);
      if (why !== "ILLEGAL_STATE" || details?.limit) throw error;
      throw wrongField("code", "You have this code already. Choose another one, or change that one.");
    }
  };
  return formDialog({
    title: code ? code.code : "New discount code",
    submit: code ? "Save" : "Make it",
    content: [code ? null : text, value.node, limits.node, budget, types.node],
    send: async () => {
      const body = {
        ...value.read(),
        ...limits.read(),
        budget: amountOf(budget, currency),
        sessionTypeIds: types.values(),
      };
      if (code) await api.put(path, body, { version: code.version });
      else await create({ code: textOf(text), ...body });
    },
    also: code ? [{ label: "Stop it", run: () => api.delete(path) }] : [],
  });
}
