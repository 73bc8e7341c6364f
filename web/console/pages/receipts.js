// @ts-check
// Calls and payments of this person, at either end, newest first.
import { avatar } from "../avatar.js";
import { h, replace } from "../dom.js";
import { duration, money, spoken, when } from "../format.js";
import { icon } from "../icons.js";
import { Paging } from "../paging.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { CALL_STATES, PAYMENT_STATES } from "../words.js";

/**
 * @typedef {import("../router.js").Context} Context
 * @typedef {import("../format.js").Money} Money
 * @typedef {{userId: string, name: string, avatarUrl?: string | null}} Person
 *
 * @typedef {object} Call  of GET /api/live-sessions
 * @property {string} sessionId
 * @property {"call" | "overtime"} [kind]
 * @property {string | null} [bookingId]  of the session that an overtime belongs to
 * @property {Person} client
 * @property {Person} coach
 * @property {"caller" | "callee"} [role]
 * @property {string} state
 * @property {number} billableSeconds
 * @property {Money} amount
 * @property {Money} [paid]  by the client, once settled
 * @property {Money} [earned]  by the coach, once settled; only the coach is told
 * @property {string} createdAt
 * @property {string} [liveAt]
 *
 * @typedef {object} Payment  of GET /api/payments/me
 * @property {string} paymentId
 * @property {string} [sessionId]  of a call, or of overtime
 * @property {string} [bookingId]
 * @property {string} [title]  of what was bought; a call has none
 * @property {string} [coachName]
 * @property {string} state
 * @property {Money} amount
 * @property {Money} [refunded]
 * @property {{billableSeconds?: number | null, gross: number, tax: number, taxCountry: string, writtenOff: number}} [price]
 * @property {string} createdAt
 */

const PAGE = 20;

/** What one line says of the money: never a sum that was not paid or earned. @param {Call} call */
function amount(call) {
  if (!call.liveAt) {
    return [h("strong.figures", "—"), call.role !== "callee" && h("span.quiet.small", "not charged")];
  }
  if (call.role === "callee" && call.earned) {
    return [
      h("strong.figures.good", `+${money(call.earned)}`),
      h("span.quiet.small", `of ${money(call.amount)}`),
    ];
  }
  if (call.role === "callee" || !call.paid) {
    return [
      h("strong.figures", money(call.amount)),
      h("span.quiet.small", call.paid ? "price" : "not settled yet"),
    ];
  }
  const given = call.paid.amount < call.amount.amount;
  return [h("strong.figures", money(call.paid)), given && h("span.quiet.small", "on the house")];
}

/** @param {Call} call @param {string} name  of the other one */
function callWords(call, name) {
  if (call.kind === "overtime") return `Overtime with ${name}`;
  return call.role === "callee" ? `From ${name}` : `To ${name}`;
}

/** @param {Call} call @param {boolean} open */
function callAddress({ kind, sessionId, bookingId }, open) {
  if (!open) return `/receipts/${sessionId}`;
  return kind === "overtime" ? `/session/${bookingId}` : `/call/${sessionId}`;
}

/** @param {Call} call */
function callLine(call) {
  const other = call.role === "callee" ? call.client : call.coach;
  const state = CALL_STATES[call.state] ?? { label: call.state, kind: "offline" };
  const open = ["ready", "live", "paused", "ringing", "reserving", "requires_action"].includes(call.state);
  return h(
    "li",
    h(
      "a.list-item",
      { href: callAddress(call, open && Boolean(call.role)) },
      avatar(other.name, other.avatarUrl),
      h(
        "span.grow",
        h("strong.block.clip", callWords(call, other.name)),
        h("span.quiet.small.block", when(call.createdAt)),
        h(
          "span.row.tight.line-facts",
          h(`span.badge.${state.kind}`, state.label),
          call.liveAt &&
            h(
              "span.quiet.small.figures",
              h("span.visually-hidden", spoken(call.billableSeconds)),
              h("span", { "aria-hidden": "true" }, duration(call.billableSeconds)),
            ),
        ),
      ),
      h("span.end", amount(call)),
      icon("right"),
    ),
  );
}

/** What was paid for; null where only the day can tell it. @param {Payment} payment */
function paymentWords({ sessionId, title, coachName }) {
  if (!sessionId || !coachName) return title ?? null;
  return `${title ?? "Call"} with ${coachName}`;
}

/** @param {Payment} payment */
function paymentLine(payment) {
  const state = PAYMENT_STATES[payment.state] ?? { label: payment.state, kind: "offline" };
  const { price, refunded } = payment;
  const title = paymentWords(payment);
  const { currency } = payment.amount;
  const facts = [
    title && when(payment.createdAt),
    price && price.billableSeconds ? duration(price.billableSeconds) : "",
    price && price.tax > 0 && `${money({ amount: price.tax, currency })} tax (${price.taxCountry}) inside`,
    price && price.writtenOff > 0 && `${money({ amount: price.writtenOff, currency })} not charged`,
    refunded && refunded.amount > 0 && `${money(refunded)} back`,
  ]
    .filter(Boolean)
    .join(" · ");
  const content = [
    h("span.note-icon", icon(payment.bookingId ? "calendar" : "card")),
    h(
      "span.grow",
      h("strong.block.clip", title ?? when(payment.createdAt)),
      h(
        "span.row.tight.line-facts",
        h(`span.badge.${state.kind}`, state.label),
        facts && h("span.quiet.small.figures", facts),
      ),
    ),
    h(
      "span.end",
      h(
        "strong.figures",
        payment.state === "cancelled" || payment.state === "failed" ? "—" : money(payment.amount),
      ),
    ),
  ];
  const href = payment.sessionId ? `/receipts/${payment.sessionId}` : `/payments/${payment.paymentId}`;
  return h("li", h("a.list-item", { href }, content, icon("right")));
}

/** @type {{[view: string]: {path: string, key: string, line: (item: any) => Node, none: () => Node}}} */
const VIEWS = {
  calls: {
    path: "/api/live-sessions",
    key: "sessionId",
    line: callLine,
    none: () =>
      h(
        "div.empty",
        h("span.empty-icon", icon("phone")),
        h("h2", "No calls yet"),
        h("p", "After your first call you find here how long it was, what it cost, and how it went."),
        h("a.button.primary", { href: "/coaches" }, "Find a coach"),
      ),
  },
  payments: {
    path: "/api/payments/me",
    key: "paymentId",
    line: paymentLine,
    none: () =>
      h(
        "div.empty",
        h("span.empty-icon", icon("card")),
        h("h2", "No payments yet"),
        h("p", "What you pay for calls and for booked sessions appears here at once."),
      ),
  },
};

/**
 * One list with its paging.
 * @param {Context} ctx
 * @param {string} view
 */
function listOf(ctx, view) {
  const { path, key, line, none } = VIEWS[view];
  const shown = new Paging(
    (cursor) => ctx.rapport.api.get(path, { limit: PAGE, cursor }),
    (/** @type {any} */ item) => item[key],
  );
  const list = h("ul.list", { ariaLabel: view === "calls" ? "Calls" : "Payments" });
  const card = h("div.card.flush");
  const more = h("button.button", { type: "button" }, "Show more");
  const foot = h("div.row.centre", more);
  const draw = () => {
    replace(list, shown.items.map(line));
    replace(card, shown.items.length ? list : none());
    foot.hidden = !shown.more;
  };
  more.addEventListener("click", async () => {
    more.disabled = true;
    await shown.next().then(draw, toastTrouble);
    more.disabled = false;
  });
  return {
    node: h("div.stack", card, foot),
    next: () => shown.next().then(draw),
    again: () => shown.again().then(draw),
  };
}

/** @param {Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function receiptsPage(ctx) {
  const { rapport } = ctx;
  const view = ctx.query.get("view") === "payments" ? "payments" : "calls";
  const shown = listOf(ctx, view);
  await shown.next();
  const kept = bag();
  const again = () => void shown.again().catch(toastTrouble);
  kept.add(
    rapport.notifications.on("live_session_update", again),
    rapport.notifications.on("payment_update", again),
    rapport.notifications.on("reload", ({ first }) => first || again()),
  );
  const tab = (/** @type {string} */ name, /** @type {string} */ href, /** @type {string} */ label) =>
    h("a", { href, "aria-current": name === view ? "page" : undefined }, label);
  const node = h(
    "section.page.narrow",
    h(
      "header.page-head",
      h(
        "div",
        h("h1", view === "calls" ? "Calls" : "Payments"),
        h(
          "p",
          view === "calls"
            ? "Every call you made or took, with its receipt."
            : "What you paid for, to the cent.",
        ),
      ),
      h(
        "nav.tabs",
        { ariaLabel: "Calls or payments" },
        tab("calls", "/receipts", "Calls"),
        tab("payments", "/receipts?view=payments", "Payments"),
      ),
    ),
    shown.node,
  );
  return { title: view === "calls" ? "Calls" : "Payments", node, dispose: kept.dispose };
}
