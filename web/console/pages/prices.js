// @ts-check
// What makes a coach's sessions cheaper: rates by time of day, special periods, discount codes.
import { codeDialog, codeLimits, codeValue } from "../business/code-dialog.js";
import { ruleDialog, ruleTimes } from "../business/rule-dialog.js";
import { businessHead } from "../calendar/sub-nav.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { offerName } from "./offers.js";

/** @typedef {import("../business/rule-dialog.js").PriceRule} PriceRule */
/** @typedef {import("../business/code-dialog.js").DiscountCode} DiscountCode */

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

/** @param {import("../router.js").Context} context */
export async function pricesPage({ app, rapport }) {
  const { api, notifications } = rapport;
  if (!app.me.value) await app.readMe();
  const { currency } = app.me.value.coach.ratePerMinute;
  const place = h("div.stack.loose");

  const draw = async () => {
    const [rules, codes, types, schedule] = await Promise.all([
      api.get("/api/price-rules"),
      api.get("/api/discount-codes", { limit: 100 }),
      api.get("/api/session-types"),
      api.get("/api/availability/schedule"),
    ]);
    const zone = schedule.timeZone;
    const offered = types.items.map((/** @type {any} */ one) => ({ sessionTypeId: one.sessionTypeId, name: offerName(one) }));
    const names = new Map(offered.map((/** @type {any} */ one) => [one.sessionTypeId, one.name]));
    /** @param {string[]} ids */
    const only = (ids) => ids.map((id) => names.get(id)).filter(Boolean).join(", ");
    /** @param {Promise<boolean>} work */
    const then = async (work) => {
      try {
        if (await work) await draw();
      } catch (error) {
        toastTrouble(error);
      }
    };
    /** @param {"timeRate" | "period"} kind */
    const rows = (kind) =>
      rules.items
        .filter((/** @type {PriceRule} */ one) => one[kind])
        .map((/** @type {PriceRule} */ rule) =>
          row({
            title: rule.label,
            text: [ruleTimes(rule), only(rule.sessionTypeIds)].filter(Boolean).join(" · "),
            value: `−${rule.percent} %`,
            open: () => void then(ruleDialog(app, { kind, rule, offered })),
          }),
        );
    replace(
      place,
      part({
        title: "By time of day",
        text: "On some weekdays, at some hours.",
        add: "Add",
        run: () => void then(ruleDialog(app, { kind: "timeRate", offered })),
        rows: rows("timeRate"),
        none: "The same price at all hours.",
      }),
      part({
        title: "Special periods",
        text: "On some days of the year.",
        add: "Add",
        run: () => void then(ruleDialog(app, { kind: "period", offered })),
        rows: rows("period"),
        none: "No special period.",
      }),
      part({
        title: "Discount codes",
        text: "For whom you give them to.",
        add: "Add",
        run: () => void then(codeDialog(app, { offered, currency, zone })),
        rows: codes.items.map((/** @type {DiscountCode} */ code) =>
          row({
            title: code.code,
            text: [codeLimits(code, zone), only(code.sessionTypeIds)].filter(Boolean).join(" · "),
            value: codeValue(code),
            open: () => void then(codeDialog(app, { code, offered, currency, zone })),
          }),
        ),
        none: "No code.",
      }),
    );
  };
  await draw();
  const again = () => void draw().catch(() => {});
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
    place,
  );
  return { title: "Prices", node, dispose: () => stops.dispose() };
}
