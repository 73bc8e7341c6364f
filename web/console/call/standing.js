// @ts-check
// What lies over the picture while there is no talk: why, and what happens next. Pure words, and the layer
// that shows them.
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { duration } from "../format.js";
import { icon } from "../icons.js";
import { toastTrouble } from "../toast.js";

/**
 * @typedef {import("../../client/live-call.js").LiveCall} LiveCall
 * @typedef {{connection: string, socket: string, patient: boolean}} Line
 *   states of the peer connection and of the socket; `patient`: whether this has taken long already
 * @typedef {{icon: string, title: string, text: string, waits?: boolean, reconnect?: boolean}} Standing
 */

/** States of a peer connection through which nothing comes. */
export const BROKEN = new Set(["failed", "disconnected"]);
/** A connection takes a second or two; whoever waits longer wants to know why. */
const PATIENCE_MS = 10_000;

/**
 * @param {import("../../client/call-facts.js").Facts} facts
 * @param {string} peer
 * @param {Line} line
 * @returns {Standing | null}  null while both talk
 */
export function standing(facts, peer, line) {
  const away = line.socket !== "connected";
  if (facts.state === "joining") {
    return {
      icon: "phone",
      title: "Entering the call…",
      text: away && line.patient ? "The server does not answer yet. This goes on by itself." : "",
    };
  }
  if (away) return cutOff(line);
  if (facts.state === "ready") return beginning(facts, peer, line);
  // The server hears of a broken line a little later than the two who are on it.
  if (facts.state === "paused" || BROKEN.has(line.connection)) return paused(facts, peer, line);
  return null;
}

/** @param {Line} line @returns {Standing} */
function cutOff(line) {
  if (line.socket === "draining") {
    return {
      icon: "refresh",
      title: "The server is being renewed",
      text: "The call goes on in a moment. What is missed is not charged.",
    };
  }
  // Which end of the line is broken cannot be told from here: the server may have gone as well.
  return navigator.onLine
    ? {
        icon: "wifi-off",
        title: "The line to the server is lost",
        text: "Looking for it. The meter stands still while you are away.",
      }
    : {
        icon: "wifi-off",
        title: "This device is offline",
        text: "The meter stands still until it is back.",
      };
}

/**
 * @param {import("../../client/call-facts.js").Facts} facts
 * @param {string} peer
 * @param {Line} line
 * @returns {Standing}
 */
function beginning(facts, peer, line) {
  if (!facts.peerPresent)
    return {
      icon: "clock",
      title: `Waiting for ${peer}`,
      text: "The meter begins when you see and hear each other.",
    };
  const slow = facts.iceNote
    ? "This takes long. A strict firewall on one side may be in the way; another network helps."
    : "This takes long. It may still work; another network helps if it does not.";
  return {
    icon: "wifi",
    title: `Connecting you and ${peer}…`,
    text: line.patient ? slow : "The meter begins when you see and hear each other.",
    reconnect: line.patient,
  };
}

/**
 * @param {import("../../client/call-facts.js").Facts} facts
 * @param {string} peer
 * @param {Line} line
 * @returns {Standing}
 */
function paused(facts, peer, line) {
  const still = "The meter stands still; nobody is charged.";
  if (!facts.peerPresent)
    return { icon: "wifi-off", title: `${peer} lost the connection`, text: still, waits: true };
  if (facts.pausedReason === "media_denied") {
    const text = `One of you does not get what the other sends. ${still} Look at camera and microphone.`;
    return { icon: "camera-off", title: "Only one side comes through", text, waits: true, reconnect: true };
  }
  if (BROKEN.has(line.connection)) {
    return {
      icon: "wifi-off",
      title: "The line between you broke",
      text: `Looking for another way. ${still}`,
      waits: true,
      reconnect: true,
    };
  }
  return {
    icon: "refresh",
    title: "No picture or sound comes through",
    text: `Reconnecting you and ${peer}. ${still}`,
    waits: true,
    reconnect: true,
  };
}

/**
 * The layer over the picture of a call.
 * @param {LiveCall} call
 * @param {string} peer
 * @param {() => {connection: string, socket: string}} line
 */
export function standingLayer(call, peer, line) {
  return pictureLayer(call, (patient) => standing(call.snapshot, peer, { ...line(), patient }));
}

/**
 * What lies over a picture.
 * @param {{restartIce: () => Promise<void>, snapshot: {graceEndsAt?: string | null}}} call
 * @param {(patient: boolean) => Standing | null} read  `patient`: whether this has taken long already
 * @returns {{node: HTMLElement, draw: () => void, stop: () => void}}
 */
export function pictureLayer(call, read) {
  const words = h("div.standing-words", { role: "status", "aria-live": "polite" });
  const count = h("p.standing-count.figures", { role: "timer" });
  const again = h(
    "button.button",
    { type: "button", onclick: () => void call.restartIce().catch(toastTrouble) },
    icon("refresh"),
    "Reconnect now",
  );
  const node = h("div.standing", words, count, again);
  let drawn = "";
  let since = performance.now();

  const draw = () => {
    const patient = performance.now() - since > PATIENCE_MS;
    const shown = read(patient);
    const key = JSON.stringify(shown);
    if (key !== drawn) {
      if (JSON.parse(drawn || "null")?.title !== shown?.title) since = performance.now();
      drawn = key;
      node.hidden = !shown;
      again.hidden = !shown?.reconnect;
      count.hidden = !shown?.waits;
      replace(
        words,
        shown && [
          h("span.standing-icon", icon(shown.icon)),
          h("h2", shown.title),
          shown.text && h("p", shown.text),
        ],
      );
    }
    const { graceEndsAt } = call.snapshot;
    if (shown?.waits && graceEndsAt)
      count.textContent = `Waiting for another ${duration(Math.ceil(clock.until(graceEndsAt)))}`;
  };
  return { node, draw, stop: clock.every(draw) };
}
