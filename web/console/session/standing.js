// @ts-check
// What lies over the picture of a session while there is no talk. Pure.
import { BROKEN } from "../call/standing.js";

/**
 * @typedef {import("../../client/video-facts.js").Facts} Facts
 * @typedef {import("../call/standing.js").Standing} Standing
 * @typedef {import("../call/standing.js").Line} Line
 */

/**
 * @param {Facts} facts
 * @param {string} peer
 * @param {Line} line
 * @returns {Standing | null}  null while both talk
 */
export function sessionStanding(facts, peer, line) {
  const away = line.socket !== "connected";
  if (facts.state === "joining") {
    const text = away && line.patient ? "The server does not answer yet. This goes on by itself." : "";
    return { icon: "camera", title: "Entering the room…", text };
  }
  if (away) {
    return line.socket === "draining"
      ? { icon: "refresh", title: "The server is being renewed", text: "It goes on in a moment." }
      : { icon: "wifi-off", title: "The line to the server is lost", text: "Looking for it." };
  }
  if (!facts.peerPresent) return alone(facts, peer);
  if (line.connection === "connected") return null;
  if (BROKEN.has(line.connection)) {
    return {
      icon: "wifi-off",
      title: "The line between you broke",
      text: "Looking for another way.",
      reconnect: true,
    };
  }
  const slow = facts.iceNote
    ? "This takes long. A strict firewall on one side may be in the way; another network helps."
    : "This takes long. It may still work; another network helps if it does not.";
  return {
    icon: "wifi",
    title: `Connecting you and ${peer}…`,
    text: line.patient ? slow : "",
    reconnect: line.patient,
  };
}

/** @param {Facts} facts @param {string} peer @returns {Standing} */
function alone(facts, peer) {
  const begun = facts.state === "in_progress";
  return {
    icon: "clock",
    title: begun ? `${peer} is not here now` : `Waiting for ${peer}`,
    text: begun ? "The room stays open; they can come back." : "You see each other as soon as they enter.",
  };
}
