// @ts-check
// The form of a session type: what it is called, how long, how much, and by which rules.
import { randomId } from "../asking.js";
import { wrongField } from "../calendar/moments.js";
import { check, choices } from "../choices.js";
import { h } from "../dom.js";
import { field, form } from "../form.js";
import { money } from "../format.js";
import { parseAmount } from "./amounts.js";
import { amountField, amountOf, control, numberOf, textOf, wholeField } from "./fields.js";

/**
 * @typedef {import("../format.js").Money} Money
 *
 * @typedef {object} Offer  SessionTypeView of the API
 * @property {string} sessionTypeId
 * @property {{[language: string]: string}} names
 * @property {{[language: string]: string}} descriptions
 * @property {"one_to_one" | "group"} format
 * @property {Money} price
 * @property {number} durationMin
 * @property {number} durationMax
 * @property {number} durationDefault
 * @property {boolean} instant
 * @property {number} noticeMinutes
 * @property {number} bufferBeforeMinutes
 * @property {number} bufferAfterMinutes
 * @property {number} [capacity]
 * @property {number} [minAttendees]
 * @property {Money} [overtimeRate]
 * @property {boolean} [overtimeRateOwn]  else it is that of a booked minute
 * @property {{fullRefundHours: number, partialRefundHours: number, partialRefundPercent: number, rescheduleHours: number}} policy
 * @property {number[]} reminderHours
 * @property {boolean} archived
 * @property {number} version
 */

const LANGUAGES = [
  ["en", "English"],
  ["de", "German"],
];
const REMINDERS = [
  { value: "24", label: "1 day before" },
  { value: "2", label: "2 hours before" },
  { value: "1", label: "1 hour before" },
];
/** Minutes. Between the shortest and the longest, each quarter of an hour can be booked. */
const UNIT = 5;
const LONGEST = 480;

/** What a new one begins with. @param {string} currency @returns {Omit<Offer, "sessionTypeId" | "version" | "archived">} */
export function blank(currency) {
  return {
    names: {},
    descriptions: {},
    format: "one_to_one",
    price: { amount: 0, currency },
    durationMin: 60,
    durationMax: 60,
    durationDefault: 60,
    instant: true,
    noticeMinutes: 60,
    bufferBeforeMinutes: 0,
    bufferAfterMinutes: 0,
    policy: { fullRefundHours: 24, partialRefundHours: 2, partialRefundPercent: 50, rescheduleHours: 24 },
    reminderHours: [24, 1],
  };
}

/** @param {any} offer */
function words(offer) {
  const fields = LANGUAGES.map(([code, name]) => ({
    code,
    name: field({
      label: `Name in ${name}`,
      name: `names.${code}`,
      hint: code === "en" ? "What clients see who read no other language of yours." : "May stay empty.",
      wrong: "Up to 80 characters.",
      input: { value: offer.names[code] ?? "", maxlength: 80, required: code === "en", lang: code },
    }),
    description: field({
      label: `Description in ${name}`,
      name: `descriptions.${code}`,
      control: h("textarea", { rows: 3, maxlength: 2000, value: offer.descriptions[code] ?? "", lang: code }),
    }),
  }));
  /** @param {"name" | "description"} which */
  const read = (which) =>
    Object.fromEntries(fields.map((one) => [one.code, textOf(one[which])]).filter(([, text]) => text));
  return {
    node: h(
      "section.card.stack",
      h("h2", "What it is"),
      h(
        "div.field-group",
        fields.map((one) => one.name),
      ),
      h(
        "div.field-group",
        fields.map((one) => one.description),
      ),
    ),
    read: () => {
      const [names, descriptions] = [read("name"), read("description")];
      const nameless = Object.keys(descriptions).find((code) => !(code in names));
      if (nameless)
        throw wrongField(`names.${nameless}`, "What is described in a language has a name in it, too.");
      return { names, descriptions };
    },
  };
}

/** @param {any} offer @param {boolean} known @param {(isGroup: boolean) => unknown} changed  told at once, too */
function format(offer, known, changed) {
  const kind = choices(
    [
      { value: "one_to_one", label: "Between two", hint: "One client, in this house's video room." },
      { value: "group", label: "Group", hint: "Several clients, by a meeting link of yours." },
    ],
    { legend: "Kind", name: "format", chosen: [offer.format], changed: ([value]) => show(value) },
  );
  const capacity = wholeField("Places", "capacity", offer.capacity ?? 8, { min: 2, max: 500 });
  const least = wholeField("At least so many", "minAttendees", offer.minAttendees ?? 2, {
    min: 1,
    max: 500,
    hint: "With fewer a day before, it is called off and paid back.",
  });
  const group = h("div.field-group", capacity, least);
  const show = (/** @type {string} */ value) => {
    group.hidden = value !== "group";
    changed(value === "group");
  };
  show(offer.format);
  // What was sold as the one cannot become the other.
  kind.node.hidden = known;
  return {
    node: h("div.stack", kind.node, group),
    isGroup: () => kind.values()[0] === "group",
    read: () => {
      const isGroup = kind.values()[0] === "group";
      return {
        ...(known ? {} : { format: kind.values()[0] }),
        ...(isGroup ? { capacity: numberOf(capacity), minAttendees: numberOf(least) } : {}),
      };
    },
  };
}

/**
 * What a price comes to by the minute; nothing while it is not filled in.
 * @param {any} price
 * @param {any} usual
 * @param {string} currency
 */
function minuteWords(price, usual, currency) {
  const [amount, minutes] = [parseAmount(textOf(price), currency), numberOf(usual)];
  if (!amount || !minutes) return "";
  return `That is ${money({ amount: Math.round(amount / minutes), currency })} a minute.`;
}

/** @param {any} offer @param {string} currency */
function terms(offer, currency) {
  const minutes = (
    /** @type {string} */ label,
    /** @type {string} */ name,
    /** @type {number} */ value,
    /** @type {string} */ hint = "",
  ) => wholeField(label, name, value, { min: UNIT, max: LONGEST, step: UNIT, hint });
  const durations = {
    durationMin: minutes("Shortest (minutes)", "durationMin", offer.durationMin),
    durationDefault: minutes("Usual (minutes)", "durationDefault", offer.durationDefault),
    durationMax: minutes("Longest (minutes)", "durationMax", offer.durationMax),
  };
  const known = "sessionTypeId" in offer;
  const price = amountField("Price", "price", known ? offer.price : null, currency, {
    hint: "Of the usual duration, tax included; other durations cost in proportion. 0 is free.",
    wrong: "0, or at least what a card can be charged for the shortest duration.",
  });
  const overtime = amountField(
    "A minute of overtime",
    "overtimeRate",
    offer.overtimeRateOwn ? offer.overtimeRate : null,
    currency,
    {
      required: false,
      hint: "Empty: what a booked minute costs.",
    },
  );
  const told = h("p.quiet.small", { "aria-live": "polite" });
  const node = h(
    "section.card.stack",
    h("h2", "Time and price"),
    h("div.field-group.three", Object.values(durations)),
    h("div.field-group", price, overtime),
    told,
  );
  const tell = () => (told.textContent = minuteWords(price, durations.durationDefault, currency));
  node.addEventListener("input", tell);
  tell();
  return {
    node,
    /** Overtime is for the room of two; a group meets by a link. @param {boolean} isGroup */
    forGroup: (isGroup) => {
      overtime.hidden = isGroup;
      control(overtime).disabled = isGroup;
    },
    read: () => {
      const given = Object.fromEntries(
        Object.entries(durations).map(([name, one]) => [name, numberOf(one) ?? 0]),
      );
      if (given.durationMin > given.durationDefault)
        throw wrongField("durationMin", "The shortest is not longer than the usual one.");
      if (given.durationMax < given.durationDefault)
        throw wrongField("durationMax", "The longest is not shorter than the usual one.");
      return {
        ...given,
        price: amountOf(price, currency),
        overtimeRate: overtime.hidden ? null : amountOf(overtime, currency),
      };
    },
  };
}

/** @param {any} offer */
function timing(offer) {
  const buffer = { min: 0, max: 240 };
  return {
    noticeMinutes: wholeField("Notice (minutes)", "noticeMinutes", offer.noticeMinutes, {
      min: 0,
      max: 129_600,
      hint: "So long before the start it can be booked at the latest.",
    }),
    bufferBeforeMinutes: wholeField(
      "Free before (minutes)",
      "bufferBeforeMinutes",
      offer.bufferBeforeMinutes,
      buffer,
    ),
    bufferAfterMinutes: wholeField(
      "Free after (minutes)",
      "bufferAfterMinutes",
      offer.bufferAfterMinutes,
      buffer,
    ),
  };
}

/** @param {Offer["policy"]} policy */
function refunds(policy) {
  /** @param {keyof Offer["policy"]} name @param {string} label @param {string} [wrong] */
  const hours = (name, label, wrong) =>
    wholeField(label, `policy.${name}`, policy[name], { min: 0, max: 720, wrong });
  return {
    fullRefundHours: hours("fullRefundHours", "All back until (hours before)"),
    partialRefundHours: hours(
      "partialRefundHours",
      "A part until (hours before)",
      "From 0 to 720, and not more than for all of it.",
    ),
    partialRefundPercent: wholeField(
      "That part (%)",
      "policy.partialRefundPercent",
      policy.partialRefundPercent,
      { min: 0, max: 100 },
    ),
    rescheduleHours: hours(
      "rescheduleHours",
      "Other time until (hours before)",
      "From 0 to 720, and not less than for all of it: else a client moves the session first, and then cancels.",
    ),
  };
}

/** @param {number[]} hours  before the start */
function reminderChoice(hours) {
  const known = new Set(REMINDERS.map((one) => one.value));
  const more = hours
    .map(String)
    .filter((one) => !known.has(one))
    .map((one) => ({ value: one, label: `${one} hours before` }));
  return choices([...REMINDERS, ...more], {
    legend: "Reminders to both",
    name: "reminderHours",
    chosen: hours.map(String),
    many: true,
  });
}

/** @param {any} offer */
function rules(offer) {
  const firm = check(
    "Firm at once",
    offer.instant,
    "A client's booking stands as soon as it is paid. Otherwise you accept it first.",
  );
  const [before, policy] = [timing(offer), refunds(offer.policy)];
  const reminders = reminderChoice(offer.reminderHours);
  /** @param {{[name: string]: any}} fields */
  const numbers = (fields) =>
    Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, numberOf(one)]));
  return {
    node: [
      h(
        "section.card.stack",
        h("h2", "Rules"),
        firm.node,
        h("div.field-group.three", Object.values(before)),
        reminders.node,
      ),
      h(
        "section.card.stack",
        h("h2", "When a client cancels"),
        h("p.quiet.small", "If you cancel or do not come, a client always gets all of it back."),
        h("div.field-group", Object.values(policy)),
      ),
    ],
    read: () => ({
      instant: firm.input.checked,
      ...numbers(before),
      policy: numbers(policy),
      reminderHours: reminders
        .values()
        .map(Number)
        .sort((one, other) => other - one),
    }),
  };
}

/**
 * @param {import("../main.js").App} app
 * @param {object} options
 * @param {any} options.offer      an Offer, or {@link blank}
 * @param {(saved: Offer) => void} options.saved
 * @param {(error: unknown) => Promise<void>} options.stale  somebody was faster
 * @param {any[]} [options.beside]
 */
export function offerForm(app, { offer, saved, stale, beside = [] }) {
  const known = "sessionTypeId" in offer;
  const { currency } = offer.price;
  const sold = terms(offer, currency);
  const parts = [words(offer), sold, rules(offer)];
  const kind = format(offer, known, sold.forGroup);
  parts[0].node.append(kind.node);
  const idempotencyKey = randomId();
  return form({
    label: "Session type",
    submit: known ? "Save" : "Offer it",
    content: parts.map((one) => one.node),
    beside,
    send: async () => {
      const body = Object.assign({}, ...parts.map((one) => one.read()), kind.read());
      const path = "/api/session-types";
      if (!known) return saved(await app.rapport.api.post(path, body, { idempotencyKey }));
      try {
        saved(await app.rapport.api.put(`${path}/${offer.sessionTypeId}`, body, { version: offer.version }));
      } catch (error) {
        if (/** @type {any} */ (error)?.code !== "VERSION_MISMATCH") throw error;
        await stale(error);
      }
    },
  });
}
