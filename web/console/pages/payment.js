// @ts-check
// /payments/{paymentId}: the receipt of what was booked: how the price came to be, tax, and what went back.
import { h, redraw } from "../dom.js";
import { reasonWords } from "../booking/price.js";
import { country, money, when } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { PAYMENT_STATES, refusal } from "../words.js";

/**
 * @typedef {object} Refund
 * @property {string} refundId
 * @property {number} amount  minor units
 * @property {string} reason
 * @property {"requested" | "pending" | "succeeded" | "failed" | string} state
 * @property {string} requestedAt
 * @property {string | null} [finishedAt]
 *
 * @typedef {object} Line
 * @property {string} description
 * @property {string | null} [startsAt]
 * @property {number} base
 * @property {number} discount
 * @property {"base" | "time_rate" | "special_period" | "code" | null} [reason]
 * @property {string | null} [label]
 * @property {number} amount
 *
 * @typedef {object} Receipt  of GET /api/payments/{paymentId}/receipt
 * @property {string} number
 * @property {{kind: string, id: string}} subject
 * @property {string} coach
 * @property {string} currency
 * @property {string} state
 * @property {string | null} [issuedAt]
 * @property {Line[]} lines
 * @property {number} gross
 * @property {number} tax
 * @property {string} taxCountry
 * @property {number} net
 * @property {number} writtenOff
 * @property {number} refunded
 * @property {Refund[]} refunds
 */

/** Why money goes back: domain.payments.purchases.RefundReason. @type {{[reason: string]: string}} */
const REASONS = {
  cancelled_by_client: "You cancelled",
  cancelled_by_coach: "The coach cancelled",
  coach_no_show: "The coach did not come",
  minimum_not_reached: "The group did not fill up",
  unavailable: "It could not be had any more",
};

/** States of a receipt that has something to say. */
const PAID = new Set(["captured", "partially_refunded", "refunded", "written_off"]);

/** @param {string | import("../dom.js").Child} term @param {string} value @param {string} [kind] */
function line(term, value, kind = "") {
  return h("div.bill-line", { class: kind }, h("dt", term), h("dd.figures", value));
}

/** @param {Receipt} receipt */
function bill(receipt) {
  const sum = (/** @type {number} */ amount) => money({ amount, currency: receipt.currency });
  return h(
    "dl.bill-lines",
    receipt.lines.map((one) => {
      const why = one.reason ? reasonWords({ reason: one.reason, label: one.label ?? "" }) : "";
      return [
        line(
          [one.description, one.startsAt && h("span.block.small.quiet", when(one.startsAt))],
          sum(one.base),
        ),
        one.discount > 0 && line(why || "Discount", `− ${sum(one.discount)}`, "part"),
      ];
    }),
    line("Total", sum(receipt.gross), "total"),
    receipt.tax > 0 && line(`Tax included (${country(receipt.taxCountry)})`, sum(receipt.tax), "part"),
    receipt.refunds.map((one) =>
      line(
        [`Back: ${REASONS[one.reason] ?? "Refund"}`, h("span.block.small.quiet", refundState(one))],
        `− ${sum(one.amount)}`,
      ),
    ),
    receipt.refunds.length > 0 &&
      line(
        "Paid in the end",
        sum(receipt.gross - receipt.refunds.reduce((all, one) => all + one.amount, 0)),
        "total",
      ),
    receipt.issuedAt && line("Paid on", when(receipt.issuedAt), "part"),
    line("Receipt", receipt.number, "part code"),
  );
}

/** @param {Refund} refund */
function refundState({ state, requestedAt, finishedAt }) {
  if (state === "succeeded" || finishedAt) return `Given back on ${when(finishedAt ?? requestedAt)}`;
  if (state === "failed") return "The bank did not take it back; the operator looks into it";
  return `On its way since ${when(requestedAt)}`;
}

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function paymentPage(ctx) {
  const { api, notifications } = ctx.rapport;
  const address = `/api/payments/${encodeURIComponent(ctx.params.paymentId)}`;
  const place = h("div.stack.loose");
  let payment = await api.get(address);
  if (payment.sessionId) {
    ctx.app.navigate(`/receipts/${payment.sessionId}`, { replace: true });
    return { title: "Receipt", node: place };
  }
  const draw = async () => {
    const paid = PAID.has(payment.state);
    /** @type {Receipt | null} */
    const receipt = paid ? await api.get(`${address}/receipt`) : null;
    const { label, kind } = PAYMENT_STATES[payment.state] ?? { label: payment.state, kind: "offline" };
    const back = payment.refunded?.amount ?? 0;
    redraw(
      place,
      h(
        "header.receipt-head.stack.tight",
        h("h1", payment.title ?? "Payment"),
        h(
          "p.row.tight.quiet.small",
          h(
            "span",
            [payment.coachName && `with ${payment.coachName}`, when(payment.createdAt)]
              .filter(Boolean)
              .join(" · "),
          ),
          h(`span.badge.${kind}`, label),
        ),
      ),
      h(
        "section.card.bill.stack",
        { ariaLabel: "Amount" },
        h(
          "div",
          h("p.quiet", paid ? "You paid" : "To pay"),
          h("p.bill-amount.figures", money({ ...payment.amount, amount: payment.amount.amount - back })),
        ),
        receipt
          ? bill(receipt)
          : h("p", payment.failure ? refusal(payment.failure) : "Nothing was charged with this payment."),
      ),
      payment.bookingId &&
        h(
          "div.row",
          h("a.button", { href: `/bookings/${payment.bookingId}` }, icon("calendar"), "The booking"),
        ),
    );
  };
  await draw();
  const again = async () => {
    payment = await api.get(address);
    await draw();
  };
  const kept = bag();
  kept.add(
    notifications.on("payment_update", ({ paymentId }) => {
      if (paymentId === payment.paymentId) void again().catch(() => {});
    }),
    notifications.on("reload", ({ first }) => first || void again().catch(() => {})),
  );
  const node = h(
    "section.page.narrow",
    h("a.back", { href: "/receipts?view=payments" }, icon("left"), "All payments"),
    place,
  );
  return { title: payment.title ?? "Payment", node, dispose: kept.dispose };
}
