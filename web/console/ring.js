// @ts-check
// A call rings at the coach: over whatever page is open, with sound, in the title of the window and, if that
// was allowed at the desk, as a notification of the system. It stops everywhere at once when somebody
// answers.
import { avatar } from "./avatar.js";
import { countdownRing } from "./countdown.js";
import { deviceTrouble, openDevices, release } from "./devices.js";
import { h, replace, uid } from "./dom.js";
import { rate } from "./format.js";
import { icon } from "./icons.js";
import { tellSystem } from "./system-word.js";
import { toast } from "./toast.js";
import { startTone } from "./tones.js";
import { explain } from "./words.js";

/** @typedef {import("./open-call.js").Incoming} Incoming */

const FLASH_MS = 1000;
const RING_SECONDS = 30;

/**
 * Ring whenever a call comes in. Once, after boot.
 * @param {import("./main.js").App} app
 */
export function mountRing(app) {
  /** @type {(() => void) | null} */
  let stop = null;
  app.calls.incoming.subscribe((ring) => {
    stop?.();
    stop = ring ? startRing(app, ring) : null;
  });
}

/**
 * @param {import("./main.js").App} app
 * @param {Incoming} ring
 * @returns {() => void} stops everything
 */
function startRing(app, ring) {
  const overlay = openOverlay(app, ring);
  const tone = startTone("ring", overlay.silent);
  const stops = [overlay.close, tone.stop, flashTitle(`${ring.client.name} is calling`), notify(ring)];
  overlay.onSound(tone.begin);
  return () => {
    for (const stop of stops) stop();
  };
}

/** @param {string} words @returns {() => void} */
function flashTitle(words) {
  let before = document.title;
  let flashed = false;
  const timer = setInterval(() => {
    // Another page may have set its title meanwhile.
    if (!flashed || document.title !== words) before = document.title;
    flashed = document.title !== words;
    document.title = flashed ? words : before;
  }, FLASH_MS);
  return () => {
    clearInterval(timer);
    if (document.title === words) document.title = before;
  };
}

/** @param {Incoming} ring */
function notify(ring) {
  const { client, ratePerMinute, sessionId: tag } = ring;
  const body = rate(ratePerMinute);
  return tellSystem(`${client.name} is calling`, { body, tag, requireInteraction: true });
}

/**
 * @param {"good" | "danger"} kind
 * @param {string} key
 * @param {string} sign
 * @param {string} words
 */
function answerButton(kind, key, sign, words) {
  return h(`button.button.big.${kind}`, { type: "button", "aria-keyshortcuts": key }, icon(sign), words);
}

/**
 * What is seen of a ring.
 * @param {import("./main.js").App} app
 * @param {Incoming} ring
 */
function draw(app, ring) {
  const heading = uid("ring");
  const { name, avatarUrl } = ring.client;
  const left = h("p.quiet.figures", { "aria-hidden": "true" });
  const countdown = countdownRing({
    until: () => ring.expiresAt,
    seconds: app.about.calls?.ringSeconds ?? RING_SECONDS,
    inside: avatar(name, avatarUrl, "big"),
    tell: (rest) => (left.textContent = `${Math.ceil(rest)} s to answer`),
  });
  const place = h("div.ring-trouble", { role: "alert" });
  const accept = answerButton("good", "a", "phone", "Accept");
  const decline = answerButton("danger", "d", "hangup", "Decline");
  const quiet = { type: "button", hidden: true };
  const sound = h("button.button.quiet.small", quiet, icon("bell"), "Turn the sound on");
  const element = h(
    "dialog.dialog.ring",
    { "aria-labelledby": heading },
    h(
      "div.dialog-in.ring-in",
      countdown.node,
      h(`h2#${heading}`, `${name} is calling`),
      h("p.quiet", rate(ring.ratePerMinute)),
      left,
      place,
      h("div.ring-actions", decline, accept),
      h("p.ring-keys.quiet.small", "Keys: ", h("kbd", "A"), " accept, ", h("kbd", "D"), " decline"),
      sound,
    ),
  );
  return { element, place, accept, decline, sound, stop: countdown.stop };
}

/**
 * @param {import("./main.js").App} app
 * @param {Incoming} ring
 */
function openOverlay(app, ring) {
  const { element, place, accept, decline, sound, stop } = draw(app, ring);

  /** @param {boolean} busy */
  const setBusy = (busy) => {
    accept.disabled = decline.disabled = busy;
    accept.setAttribute("aria-busy", String(busy));
  };
  const doAccept = () => answer(app, ring, { setBusy, place });
  const doDecline = () => {
    setBusy(true);
    app.calls.decline(ring.sessionId).catch((error) => {
      setBusy(false);
      showTrouble(place, explain(error));
    });
  };
  accept.addEventListener("click", doAccept);
  decline.addEventListener("click", doDecline);
  element.addEventListener("cancel", (/** @type {Event} */ event) => event.preventDefault());
  element.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || accept.disabled) return;
    if (event.key.toLowerCase() === "a") void doAccept();
    if (event.key.toLowerCase() === "d") doDecline();
  });
  document.body.append(element);
  element.showModal();
  accept.focus();
  return {
    close() {
      stop();
      element.close();
      element.remove();
    },
    /** @param {boolean} blocked */
    silent: (blocked) => (sound.hidden = !blocked),
    /** @param {() => void} begin */
    onSound: (begin) => sound.addEventListener("click", begin),
  };
}

/**
 * Devices first: a coach without any is told so while the client still hears the ring.
 * @param {import("./main.js").App} app
 * @param {Incoming} ring
 * @param {{setBusy: (busy: boolean) => void, place: HTMLElement}} overlay
 */
async function answer(app, ring, { setBusy, place }) {
  setBusy(true);
  replace(place);
  const devices = await openDevices();
  const trouble = deviceTrouble(devices.faults);
  if (trouble?.all) {
    setBusy(false);
    return showTrouble(place, trouble);
  }
  try {
    await app.calls.accept(ring, devices);
  } catch (error) {
    release(devices.stream);
    const { title, text } = explain(error);
    // If the ring is over, so is this overlay.
    if (app.calls.incoming.value) showTrouble(place, { title, text });
    else toast(`${title}. ${text}`, { kind: "bad" });
    setBusy(false);
  }
}

/**
 * @param {HTMLElement} place
 * @param {{title: string, text: string}} words
 */
function showTrouble(place, { title, text }) {
  replace(place, h("strong", title), h("p", text));
}
