// @ts-check
// Time and money, second by second. The server's count is what is charged; between its events our own clock
// runs on, and it stops to be shown running as soon as this side is cut off.
import { clock } from "../clock.js";
import { h } from "../dom.js";
import { duration, money, spoken } from "../format.js";

/** @typedef {import("../../client/live-call.js").LiveCall} LiveCall */

/** How long a full minute is noticed. */
const NOTICE_MS = 1_600;

/**
 * @param {LiveCall} call
 * @param {{cut: () => boolean}} options  `cut`: whether this side has lost the server
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function meter(call, { cut }) {
  const time = h("span.call-time.figures", { role: "timer", ariaLabel: "On the meter" }, "0:00");
  const sum = h("span.call-money.figures", { role: "group", ariaLabel: "Cost so far" });
  const part = h("span");
  const bar = h("div.meter", part);
  const ahead = h("p.call-ahead.figures");
  const heard = h("p.visually-hidden", { "aria-live": "polite" });
  const node = h(
    "section.call-meter",
    { ariaLabel: "Meter" },
    h("div.call-figures", time, sum),
    bar,
    ahead,
    heard,
  );

  let shown = { passed: 0, amount: call.amountNow() };
  const draw = () => {
    const { authorizedSeconds, state, lowBalance } = call.snapshot;
    if (!cut()) shown = { passed: call.billableNow(), amount: call.amountNow() };
    const seconds = Math.floor(shown.passed);
    put(time, duration(seconds));
    if (!shown.amount) return;
    put(sum, money(shown.amount));
    part.style.setProperty(
      "--part",
      `${Math.min(100, (100 * shown.passed) / Math.max(authorizedSeconds, 1)).toFixed(2)}%`,
    );
    const left = Math.max(0, authorizedSeconds - seconds);
    put(
      ahead,
      lowBalance
        ? `Stops at ${duration(authorizedSeconds)}, in ${duration(left)}`
        : `${duration(left)} of the held time left`,
    );
    bar.classList.toggle("warn", Boolean(lowBalance));
    node.classList.toggle("still", state !== "live" || cut());
  };

  let notice = 0;
  const stops = [
    clock.every(draw),
    call.on("tick", ({ minute, amount }) => {
      heard.textContent = `${spoken(minute * 60)}, ${money(amount)}.`;
      node.classList.add("ticked");
      clearTimeout(notice);
      notice = window.setTimeout(() => node.classList.remove("ticked"), NOTICE_MS);
    }),
  ];
  return {
    node,
    stop() {
      clearTimeout(notice);
      for (const stop of stops) stop();
    },
  };
}

/** Only what is new touches the page. @param {HTMLElement} node @param {string} text */
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
