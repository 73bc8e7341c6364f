// @ts-check
// What is to be known on every page: the line to the server, an unverified address, a call that goes on.
import { clock } from "./clock.js";
import { h, replace } from "./dom.js";
import { duration } from "./format.js";
import { icon } from "./icons.js";
import { toast, toastTrouble } from "./toast.js";
import { explain } from "./words.js";

/** @typedef {import("./main.js").App} App */

/** A line that comes back within this time is not worth a word. */
const PATIENCE_MS = 1500;

/**
 * What to say of the line to the server, or null.
 * @param {{state: string, code?: string, retryInMs?: number, mayReconnect?: boolean}} line
 */
function lineWords(line) {
  if (line.state === "draining") {
    return {
      kind: "info",
      icon: "refresh",
      text: "The server is being renewed. You are connected again in a moment; calls go on.",
    };
  }
  if (!navigator.onLine) {
    return {
      kind: "warn",
      icon: "wifi-off",
      text: "You are offline. Everything goes on by itself when the network is back.",
    };
  }
  if (line.state === "waiting" || line.state === "connecting") {
    return {
      kind: "warn",
      icon: "wifi-off",
      text: "Reconnecting to the server… What you see may be a little old.",
    };
  }
  if (line.state === "closed" && line.code) {
    const { title, text } = explain({ code: line.code });
    return { kind: "bad", icon: "warn", text: `${title}. ${text}`, again: true };
  }
  return null;
}

/**
 * @param {{kind: string, icon: string, text: string}} words
 * @param {...any} more
 */
function banner(words, ...more) {
  return h(`div.banner.${words.kind}`, icon(words.icon), h("p", words.text), ...more);
}

/** @param {App} app */
function lineBanner(app) {
  const place = h("div.line");
  let timer = 0;
  const draw = () => {
    clearTimeout(timer);
    timer = 0;
    const words = app.user.value ? lineWords(app.line.value) : null;
    replace(
      place,
      words &&
        banner(
          words,
          "again" in words &&
            h(
              "button.button.small",
              { type: "button", onclick: () => app.rapport.notifications.connect() },
              "Connect again",
            ),
        ),
    );
  };
  const later = () => {
    const passing = navigator.onLine && ["waiting", "connecting"].includes(app.line.value.state);
    if (passing && !place.hasChildNodes()) timer ||= window.setTimeout(draw, PATIENCE_MS);
    else draw();
  };
  app.line.subscribe(later);
  app.user.subscribe(later);
  window.addEventListener("online", later);
  window.addEventListener("offline", later);
  return place;
}

/** What an account that is not verified cannot do. @param {any} me */
function unverifiedWords(me) {
  if (me.emailVerified) {
    return "Your coaching profile is not verified yet: clients do not see you, and you cannot go online.";
  }
  return me.coach
    ? "Your account is not verified yet: you can look around, but clients do not see you, and you cannot go online."
    : "Your e-mail address is not verified yet: you can look around, but not pay.";
}

/** How it gets verified: by the link in a mail; a coach, by the operator. @param {App} app @param {any} me */
function verifyWays(app, me) {
  const { sandboxUrl } = app.about.payments;
  const command = h("code", `.venv/bin/rapport verify ${me.email}`);
  if (me.emailVerified) return h("p.small", "The operator of this server verifies it with ", command);
  const mailbox = h(
    "a",
    { href: `${sandboxUrl}/mailbox`, target: "_blank", rel: "noopener" },
    "Open the mailbox",
  );
  return h(
    "p.small",
    `Follow the link in the mail to ${me.email}. `,
    sandboxUrl && [mailbox, ". "],
    "The operator can do it, too: ",
    command,
  );
}

/** @param {App} app */
function verifyBanner(app) {
  const place = h("div");
  const look = async () => {
    try {
      await app.readMe();
      if (app.me.value?.emailVerified) await app.reload();
    } catch (error) {
      toastTrouble(error);
    }
  };
  /** @param {any} event */
  const resend = async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    try {
      await app.rapport.api.post("/api/auth/resend-verification");
      toast("Another mail is on its way.", { kind: "good" });
    } catch (error) {
      toastTrouble(error);
    } finally {
      button.disabled = false;
    }
  };
  app.me.subscribe((me) => {
    if (!me || (me.emailVerified && (!me.coach || me.coach.verified))) return replace(place);
    replace(
      place,
      h(
        "div.banner.warn",
        icon("info"),
        h("div", h("p", unverifiedWords(me)), verifyWays(app, me)),
        !me.emailVerified && h("button.button.small", { type: "button", onclick: resend }, "Send it again"),
        h("button.button.small", { type: "button", onclick: look }, "Look again"),
      ),
    );
  });
  return place;
}

/** States in which two people are in a call. */
const TALKING = new Set(["ready", "live", "paused"]);

/** The bar of a call that goes on while its person is on another page. @param {App} app */
function callBar(app) {
  const time = h("strong.figures");
  const words = h("span.grow.clip");
  const link = h("a.button.small.on-accent");
  const bar = h(
    "aside.call-bar",
    { ariaLabel: "Call in progress", hidden: true },
    h("span.pulse-dot", { "aria-hidden": "true" }),
    words,
    time,
    link,
  );
  const draw = () => {
    const current = app.calls.current.value;
    const address = `/call/${current?.sessionId}`;
    bar.hidden = !current?.sessionId || !TALKING.has(current.state) || location.pathname === address;
    if (!current || bar.hidden) return;
    const elsewhere = current.where === "elsewhere";
    words.textContent = `In a call with ${current.peerName}${elsewhere ? ", in another window" : ""}`;
    time.textContent = current.call ? duration(current.call.billableNow()) : "";
    link.href = address;
    link.textContent = elsewhere ? "Open" : "Return";
  };
  let stop = () => {};
  app.calls.current.subscribe((current) => {
    stop();
    stop = current ? clock.every(draw) : () => {};
    draw();
  });
  return { bar, draw };
}

/**
 * @param {App} app
 * @param {HTMLElement} place  a live region, so that what appears is also heard
 * @returns {{moved: () => void}} to be called when another page is shown
 */
export function startBanners(app, place) {
  const { bar, draw } = callBar(app);
  replace(place, lineBanner(app), verifyBanner(app));
  // Not in the live region: its clock would be read out every second.
  place.after(bar);
  return { moved: draw };
}
