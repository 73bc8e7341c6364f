// @ts-check
// What a call cost or earned, and how that came to be.
import { h } from "../dom.js";
import { cardBrand, country, duration, money, rate } from "../format.js";
import { icon } from "../icons.js";

/** @typedef {import("./story.js").Story} Story */

/** @param {Story} story @param {number} amount */
const sum = (story, amount) => money({ amount, currency: story.ratePerMinute.currency });

/** Whether everything about money is known. @param {Story} story */
export function settled(story) {
  return (
    Boolean(story.payment?.price) || (story.state !== "ending" && !story.liveAt && Boolean(story.endedAt))
  );
}

/**
 * The one number, for whoever reads it.
 * @param {Story} story
 * @returns {{label: string, amount: string}}
 */
function headline(story) {
  const price = story.payment?.price;
  if (story.role === "callee") {
    return { label: "You earned", amount: story.earned ? money(story.earned) : sum(story, 0) };
  }
  const label = story.role === "caller" ? "You paid" : "The client paid";
  return { label, amount: sum(story, price?.gross ?? 0) };
}

/** @param {Story} story */
export function bill(story) {
  const { label, amount } = headline(story);
  const price = story.payment?.price;
  return h(
    "section.card.bill.stack",
    { ariaLabel: "Amount" },
    h("div", h("p.quiet", label), h("p.bill-amount.figures", amount)),
    price?.writtenOff > 0 && h("div.banner", icon("info"), h("p", writtenOff(story))),
    price
      ? lines(story)
      : h("p", "Nobody talked, so nothing was charged. What had been held went back to the card at once."),
  );
}

/** The amount is final as soon as the call ends; the bank takes a moment more. @param {Story} story */
export function billSkeleton(story) {
  return h(
    "section.card.bill.stack",
    { ariaLabel: "Amount", "aria-busy": "true" },
    h(
      "div",
      h("p.quiet", story.role === "callee" ? "You earn" : "To be charged"),
      story.role === "callee"
        ? h("span.skeleton.line.bill-amount")
        : h("p.bill-amount.figures", money(story.amount)),
    ),
    h("p.quiet", { role: "status" }, "Settling with the bank…"),
    h("span.skeleton.line.wide"),
    h("span.skeleton.line.wide"),
    h("span.skeleton.line"),
  );
}

/** @param {Story} story */
function writtenOff(story) {
  const { writtenOff: amount, gross } = story.payment.price;
  const whole = gross === 0;
  if (!story.role)
    return `${sum(story, amount)} could not be charged. The platform bears it, and the coach is paid for it.`;
  if (story.role === "callee") {
    return `${sum(story, amount)} could not be charged to the client. The platform bears it and pays you.`;
  }
  return whole
    ? `${sum(story, amount)} is less than the smallest sum a bank takes. It is on the house: you pay nothing.`
    : `${sum(story, amount)} of it could not be charged. The platform bears it; you are not asked for it.`;
}

/** @param {Story} story */
function lines(story) {
  const { price } = story.payment;
  const due = price.gross + price.writtenOff;
  const each = money(story.ratePerMinute);
  const talk = [
    `${duration(price.billableSeconds)} talked at ${rate(story.ratePerMinute)}`,
    h("span.block.small.quiet.figures", `${price.billableSeconds} s × ${each} ÷ 60`),
  ];
  return h(
    "dl.bill-lines",
    line(talk, sum(story, due)),
    price.writtenOff > 0 &&
      story.role !== "callee" &&
      line("On the house", `− ${sum(story, price.writtenOff)}`),
    story.role === "callee" ? coachLines(story) : clientLines(story),
  );
}

/** @param {Story} story */
function clientLines(story) {
  const { price } = story.payment;
  const cards = [
    ...new Set(story.holds.filter((one) => one.captured).map((one) => cardWords(one.card))),
  ].filter(Boolean);
  const held = story.holds
    .filter((one) => ["captured", "cancelled", "lapsed"].includes(one.state))
    .reduce((all, one) => all + one.amount, 0);
  return [
    line("Total", sum(story, price.gross), "total"),
    price.tax > 0 && line(`Tax included (${country(price.taxCountry)})`, sum(story, price.tax), "part"),
    cards.length > 0 && line("Charged to", cards.join(", "), "part"),
    held > price.gross && line("Was held, and went back", sum(story, held - price.gross), "part"),
    line("Receipt", story.payment.paymentId, "part code"),
  ];
}

/** @param {Story} story */
function coachLines(story) {
  const { price } = story.payment;
  const earned = story.earned?.amount ?? 0;
  return [
    price.tax > 0 &&
      line("Tax, which the platform pays", `− ${sum(story, price.tax)}`),
    line("The platform's share", `− ${sum(story, price.net + price.writtenOff - earned)}`),
    line("You earned", sum(story, earned), "total"),
  ];
}

/** @param {{brand: string, last4: string} | undefined} card */
function cardWords(card) {
  return card ? `${cardBrand(card.brand)} •••• ${card.last4}` : "";
}

/**
 * @param {import("../dom.js").Child} term
 * @param {string} value
 * @param {string} [kind]
 */
function line(term, value, kind = "") {
  return h("div.bill-line", { class: kind }, h("dt", term), h("dd.figures", value));
}
