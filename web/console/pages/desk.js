// @ts-check
// The coach's desk: whether clients can call, for how much, what today brought, and who was missed.
import { avatar } from "../avatar.js";
import { onlineSwitch } from "../call/online-switch.js";
import { rateForm } from "../call/rate-form.js";
import { comingUp } from "../coach-bookings/coming.js";
import { h, replace } from "../dom.js";
import { duration, money, timeOfDay } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { CALL_STATES, explain } from "../words.js";

/** @typedef {import("../main.js").App} App */

/** A day has rarely more; the page of all calls has the rest. */
const SHOWN = 50;

/** @param {import("../router.js").Context} context */
export async function deskPage({ app, rapport }) {
  if (!app.me.value) await app.readMe();
  const stops = bag();
  const toggle = onlineSwitch(app);
  const price = rateForm(app);
  const coming = comingUp(app);
  const today = h("div.stack");
  const calls = h("div");
  let turn = 0;
  const draw = async () => {
    const mine = ++turn;
    try {
      const [earned, listed] = await Promise.all([
        rapport.api.get("/api/earnings/me"),
        rapport.api.get("/api/live-sessions", { limit: SHOWN }),
      ]);
      // An older answer that came later says nothing new.
      if (mine !== turn) return;
      const since = Date.parse(earned.since);
      const taken = listed.items.filter(
        (/** @type {any} */ one) => one.role === "callee" && Date.parse(one.createdAt) >= since,
      );
      replace(today, figures(earned, taken));
      replace(calls, callList(taken));
    } catch (error) {
      if (mine !== turn) return;
      replace(calls, h("p.banner.bad", icon("warn"), h("p", explain(error).text)));
    }
  };
  await Promise.all([draw(), coming.load()]);
  const { notifications } = rapport;
  const again = () => void Promise.all([draw(), app.readMe()]).catch(() => {});
  stops.add(
    toggle.stop,
    price.stop,
    coming.stop,
    watchOwnStatus(app),
    notifications.on("live_session_update", again),
    notifications.on("payment_update", again),
    notifications.on("reload", ({ first }) => first || again()),
  );

  const node = layout(toggle.node, price.node, coming.node, today, calls);
  return { title: "Desk", node, dispose: () => stops.dispose() };
}

/**
 * @param {Node} toggle
 * @param {Node} price
 * @param {Node} coming
 * @param {Node} today
 * @param {Node} calls
 */
function layout(toggle, price, coming, today, calls) {
  return h(
    "section.page",
    h(
      "header.page-head",
      h(
        "div",
        h("h1", "Your desk"),
        h("p", "Calls ring on every page of the console, as long as one is open."),
      ),
    ),
    h(
      "div.columns",
      h("div.stack.loose", toggle, h("section.stack", h("h2", "Today's calls"), calls)),
      h(
        "aside.stack",
        coming,
        h("section.card.stack", h("h2", "Today"), today),
        h("section.card.stack", h("h2", "Your price"), price),
        h("section.card.stack", h("h2", "Hearing the ring"), ringHelp()),
      ),
    ),
  );
}

/**
 * What watchers see of this coach changes by itself too: a rest is over, a third missed call sets offline.
 * @param {App} app
 * @returns {() => void}
 */
function watchOwnStatus(app) {
  const { notifications } = app.rapport;
  const coachId = app.me.value?.coach?.coachId;
  const stop = notifications.on("coach_status", (status) => {
    if (status.coachId === coachId) app.readMe().catch(() => {});
  });
  if (coachId) notifications.watch([coachId]).catch(() => {});
  return () => {
    stop();
    if (coachId) notifications.unwatch([coachId]).catch(() => {});
  };
}

/**
 * @param {any} earned  GET /api/earnings/me
 * @param {any[]} calls
 */
function figures(earned, calls) {
  const missed = calls.filter((one) => one.state === "missed").length;
  return [
    h(
      "div.stack.tight",
      earned.net.map((/** @type {any} */ sum) => h("p.figures.big", money(sum))),
      h("p.quiet.small", "earned, after the platform's share"),
    ),
    h(
      "dl.facts",
      h("dt", "Calls"),
      h("dd.figures", earned.calls),
      h("dt", "Talked"),
      h("dd.figures", duration(earned.billableSeconds)),
      h("dt", "Missed"),
      h("dd.figures", missed),
    ),
  ];
}

/** @param {any[]} calls */
function callList(calls) {
  if (calls.length === 0) {
    return h(
      "div.card.empty",
      h("span.empty-icon", icon("phone")),
      h("h3", "No calls yet today"),
      h("p", "They will appear here, the missed ones too."),
    );
  }
  return h(
    "ul.list.card.flush",
    calls.map((call) => {
      const { label, kind } = CALL_STATES[call.state] ?? { label: call.state, kind: "offline" };
      const talked = call.billableSeconds ? `${duration(call.billableSeconds)} talked` : "";
      return h(
        "li",
        h(
          "a.list-item",
          { href: call.endedAt ? `/receipts/${call.sessionId}` : `/call/${call.sessionId}` },
          avatar(call.client.name, call.client.avatarUrl),
          h(
            "div.grow.stack.tight",
            h("strong.clip", call.client.name),
            h("span.quiet.small.figures", [timeOfDay(call.createdAt), talked].filter(Boolean).join(" · ")),
          ),
          h(`span.badge.${kind}`, label),
        ),
      );
    }),
  );
}

/** Sound may be kept back by the browser, and the window may be hidden. */
function ringHelp() {
  const node = h("div.stack");
  const draw = () => {
    const state = "Notification" in window ? Notification.permission : "unsupported";
    const ask = h("button.button.small", { type: "button" }, icon("bell"), "Allow notifications");
    ask.addEventListener("click", async () => {
      await Notification.requestPermission();
      draw();
    });
    const words = {
      granted: "Your system tells you of a ring when this window is hidden.",
      denied: "Notifications are blocked here. A ring still sounds, and shows in the title of the window.",
      default: "Let your system tell you of a ring when this window is hidden.",
      unsupported: "A ring sounds, and shows in the title of the window.",
    }[state];
    replace(node, h("p.quiet.small", words), state === "default" && h("div", ask));
  };
  draw();
  return node;
}
