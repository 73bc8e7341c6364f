// @ts-check
// What makes a coach's sessions cheaper: rates by time of day, special periods, discount codes.
import { codeDialog, codeLimits, codeValue } from "../business/code-dialog.js";
import { ruleDialog, ruleTimes } from "../business/rule-dialog.js";
import { businessHead } from "../calendar/sub-nav.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { offerName } from "../business/offer-name.js";

/** @typedef {import("../business/rule-dialog.js").PriceRule} PriceRule */
/** @typedef {import("../business/code-dialog.js").DiscountCode} DiscountCode */

const PARTS = {
  timeRate: {
    title: "By time of day",
    text: "On some weekdays, at some hours.",
    add: "Add a rate",
    none: "The same price at all hours.",
  },
  period: {
    title: "Special periods",
    text: "On some days of the year.",
    add: "Add a period",
    none: "No special period.",
  },
  code: { title: "Discount codes", text: "For whom you give them to.", add: "Add a code", none: "No code." },
};

/**
 * One list, with its button.
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.text
 * @param {string} options.add
 * @param {() => void} options.run
 * @param {Node[]} options.rows
 * @param {string} options.none
 */
function part({ title, text, add, run, rows, none }) {
  return h(
    "section.card.flush",
    h(
      "div.card-pad.row.between",
      h("div.stack.tight.grow", h("h2", title), h("p.quiet.small", text)),
      h("button.button.small", { type: "button", onclick: run }, icon("plus"), add),
    ),
    rows.length ? h("ul.list.ruled", rows) : h("p.card-pad.quiet", none),
  );
}

/**
 * A row that opens its form.
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.text
 * @param {string} options.value
 * @param {() => void} options.open
 */
function row({ title, text, value, open }) {
  return h(
    "li",
    h(
      "button.list-item.cal-line",
      { type: "button", onclick: open },
      h("span.grow.stack.tight", h("strong.clip", title), h("span.quiet.small.figures", text)),
      h("span.badge.good.figures", value),
      icon("right"),
    ),
  );
}

class Prices {
  #app;
  #api;
  #place = h("div.stack.loose");
  /** Session types that are offered. @type {import("../business/rule-dialog.js").Offered[]} */
  #offered = [];
  #zone = "UTC";

  /** @param {import("../main.js").App} app */
  constructor(app) {
    this.#app = app;
    this.#api = app.rapport.api;
  }

  get node() {
    return this.#place;
  }

  /** @throws {import("../../client/errors.js").RapportError} */
  read = async () => {
    const [rules, codes, types, schedule] = await Promise.all([
      this.#api.get("/api/price-rules"),
      this.#api.get("/api/discount-codes", { limit: 100 }),
      this.#api.get("/api/session-types"),
      this.#api.get("/api/availability/schedule"),
    ]);
    this.#zone = schedule.timeZone;
    this.#offered = types.items.map((/** @type {any} */ one) => ({
      sessionTypeId: one.sessionTypeId,
      name: offerName(one),
    }));
    replace(
      this.#place,
      this.#rules("timeRate", rules.items),
      this.#rules("period", rules.items),
      this.#codes(codes.items),
    );
  };

  /** Open a form, and show what came of it. @param {Promise<boolean>} work */
  async #then(work) {
    try {
      if (await work) await this.read();
    } catch (error) {
      toastTrouble(error);
    }
  }

  /** For which of several session types something is. @param {string[]} ids */
  #only(ids) {
    const known = this.#offered.filter((one) => ids.includes(one.sessionTypeId));
    return known.map((one) => one.name).join(", ");
  }

  /** @param {"timeRate" | "period"} kind @param {PriceRule[]} rules */
  #rules(kind, rules) {
    const open = (/** @type {PriceRule | undefined} */ rule) =>
      void this.#then(ruleDialog(this.#app, { kind, rule, offered: this.#offered }));
    return part({
      ...PARTS[kind],
      run: () => open(undefined),
      rows: rules
        .filter((rule) => rule[kind])
        .map((rule) =>
          row({
            title: rule.label,
            text: [ruleTimes(rule), this.#only(rule.sessionTypeIds)].filter(Boolean).join(" · "),
            value: `−${rule.percent} %`,
            open: () => open(rule),
          }),
        ),
    });
  }

  /** @param {DiscountCode[]} codes */
  #codes(codes) {
    const [offered, zone] = [this.#offered, this.#zone];
    const { currency } = this.#app.me.value.coach.ratePerMinute;
    const open = (/** @type {DiscountCode | undefined} */ code) =>
      void this.#then(codeDialog(this.#app, { code, offered, currency, zone }));
    return part({
      ...PARTS.code,
      run: () => open(undefined),
      rows: codes.map((code) =>
        row({
          title: code.code,
          text: [codeLimits(code, zone), this.#only(code.sessionTypeIds)].filter(Boolean).join(" · "),
          value: codeValue(code),
          open: () => open(code),
        }),
      ),
    });
  }
}

/** @param {import("../router.js").Context} context */
export async function pricesPage({ app, rapport }) {
  const { notifications } = rapport;
  if (!app.me.value) await app.readMe();
  const prices = new Prices(app);
  await prices.read();
  const again = () => void prices.read().catch(() => {});
  const stops = bag();
  stops.add(
    // A booking uses a code up, or gives its use back.
    notifications.on("booking_update", again),
    notifications.on("availability_update", again),
    notifications.on("reload", ({ first }) => first || again()),
  );
  const node = h(
    "section.page",
    businessHead({
      title: "Prices",
      text: "Each rule is priced alone and the lowest price wins: discounts never add up.",
      here: "/calendar/prices",
    }),
    prices.node,
  );
  return { title: "Prices", node, dispose: () => stops.dispose() };
}
