// @ts-check
// The coach's big switch. Going online asks for camera and microphone first: whoever rings should be seen
// and heard.
import { deviceTrouble, openDevices, release } from "../devices.js";
import { h, replace, uid } from "../dom.js";
import { duration } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { clock } from "../clock.js";
import { explain } from "../words.js";

/** @typedef {import("../main.js").App} App */

const COOLDOWN_SECONDS = 60;

/**
 * What the coach is told of themselves.
 * @param {any} own  coach of GET /api/users/me
 * @param {boolean} connected
 * @param {number} cooldown  seconds
 * @returns {{kind: string, title: string, text: () => string}}
 */
function standing(own, connected, cooldown) {
  const { wish, status, claim } = own;
  if (claim?.state === "ringing")
    return {
      kind: "busy",
      title: "A client is calling",
      text: () => "Answer here, or in any other window of yours.",
    };
  if (claim?.state === "busy")
    return { kind: "busy", title: "In a call", text: () => "Clients see you busy." };
  if (claim?.state === "cooldown") {
    const until = new Date(Date.parse(claim.since) + cooldown * 1000).toISOString();
    const after = wish === "online" ? "then clients can call again" : "then you are offline";
    return {
      kind: "busy",
      title: "A short rest after the call",
      text: () => `Another ${duration(Math.ceil(clock.until(until)))}, ${after}.`,
    };
  }
  if (wish === "online" && (!connected || status !== "online")) {
    return {
      kind: "offline",
      title: "Coming back online",
      text: () => "You asked to be online; that holds as soon as the connection is back.",
    };
  }
  if (wish === "online")
    return {
      kind: "online",
      title: "You are online",
      text: () => "Clients can call you, as long as a page of this console is open.",
    };
  const text = own.verified
    ? "Clients see you, but cannot call."
    : "You can go online once your account is verified; until then clients do not see you.";
  return { kind: "offline", title: "You are offline", text: () => text };
}

/**
 * @param {App} app
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function onlineSwitch(app) {
  const stops = bag();
  const id = uid("online");
  const title = h(`h2#${id}`);
  const text = h("p.quiet.figures");
  const sign = h("span.badge");
  const knob = h(
    "button.switch",
    { type: "button", role: "switch", "aria-checked": "false", "aria-labelledby": id },
    h("span"),
  );
  const place = h("div", { role: "status" });
  const node = h(
    "section.card.online-card",
    h("div.row.fixed.between", h("div.stack.tight.grow", h("div.row.tight", sign), title, text), knob),
    place,
  );
  let busy = false;

  const draw = () => {
    const own = app.me.value?.coach;
    if (!own) return;
    const cooldown = app.about.calls?.cooldownSeconds ?? COOLDOWN_SECONDS;
    const now = standing(own, app.line.value.state === "connected", cooldown);
    sign.className = `badge ${now.kind}`;
    sign.textContent = { online: "Online", busy: "Busy", offline: "Offline" }[now.kind] ?? "";
    title.textContent = now.title;
    text.textContent = now.text();
    knob.setAttribute("aria-checked", String(own.wish === "online"));
    knob.disabled = busy || !own.verified;
    node.dataset.wish = own.wish;
  };

  /** @param {"online" | "offline"} status */
  const set = async (status) => {
    replace(place);
    if (status === "online" && !(await checkDevices(place, () => void attempt("online")))) return;
    await app.rapport.notifications.ask("coach_status_set", { status });
    await app.readMe();
  };

  /** @param {"online" | "offline"} status */
  const attempt = async (status) => {
    if (busy) return;
    busy = true;
    draw();
    try {
      await set(status);
    } catch (error) {
      replace(place, refused(error));
    } finally {
      busy = false;
      draw();
    }
  };
  knob.addEventListener("click", () => {
    void attempt(app.me.value.coach.wish === "online" ? "offline" : "online");
  });

  stops.add(app.me.subscribe(draw), app.line.subscribe(draw), clock.every(draw));
  return { node, stop: () => stops.dispose() };
}

/** @param {unknown} error */
function refused(error) {
  const { title, text } = explain(error);
  return h("div.banner.bad", icon("warn"), h("div", h("strong", title), h("p", text)));
}

/**
 * Whether there is a camera or a microphone to take a call with; what is missing is said either way.
 * @param {HTMLElement} place
 * @param {() => void} again
 */
async function checkDevices(place, again) {
  const { stream, faults } = await openDevices();
  release(stream);
  const trouble = deviceTrouble(faults);
  if (!trouble) return true;
  const way = trouble.all
    ? " You need at least one of them to take calls."
    : " You can take calls all the same.";
  replace(
    place,
    h(
      `div.banner.${trouble.all ? "bad" : "warn"}`,
      icon("warn"),
      h("div", h("strong", trouble.title), h("p", trouble.text + way)),
      h("button.button.small", { type: "button", onclick: again }, "Try again"),
    ),
  );
  return !trouble.all;
}
