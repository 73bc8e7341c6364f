// @ts-check
// A connection with a coach: who is connected sees calendars that are not open to all.
import { randomId } from "../../client/random-id.js";
import { h, replace, uid } from "../dom.js";
import { dialog } from "../dialog.js";
import { icon } from "../icons.js";
import { toast, toastTrouble } from "../toast.js";

/**
 * @typedef {object} Connection  of GET /api/connections
 * @property {string} connectionId
 * @property {"pending" | "accepted" | "declined"} state
 * @property {string} userId  of the other one
 * @property {string} name
 * @property {string | null} [avatarUrl]
 * @property {boolean} mine  whether the viewer asked for it
 * @property {string} message
 * @property {string} createdAt
 */

const MESSAGE_MAX = 300;

/**
 * Why nothing can be booked in a calendar that is not open to the viewer, and what can be done about it.
 * @param {any} refusal  CALENDAR_PRIVATE
 * @returns {{title: string, text: string, connect: boolean}}
 */
export function closedWords(refusal) {
  if (refusal?.details?.privacy === "private")
    return { title: "Takes no bookings here", text: "This calendar is open to nobody now.", connect: false };
  return {
    title: "Books with connections only",
    text: "Once you are connected, you see the free times here and can book them.",
    connect: true,
  };
}

/**
 * Ask a coach to connect; true once it is asked.
 * @param {import("../main.js").App} app
 * @param {{userId: string, name: string}} person
 */
export async function askToConnect(app, person) {
  const id = uid("message");
  const message = h(`textarea#${id}`, { rows: 3, maxlength: MESSAGE_MAX });
  let asked = false;
  await dialog({
    title: `Connect with ${person.name}`,
    body: [
      "Once it is accepted, you see calendars that are open to connections alone, and can book there.",
      h("div.field", h("label", { for: id }, "A few words (optional)"), message),
    ],
    actions: [
      { label: "Cancel", value: false, kind: "quiet" },
      {
        label: "Send",
        value: true,
        kind: "primary",
        run: async () => {
          const words = message.value.trim();
          const body = { userId: person.userId, ...(words ? { message: words } : {}) };
          try {
            await app.rapport.api.post("/api/connections", body, { idempotencyKey: randomId() });
            asked = true;
          } catch (error) {
            toastTrouble(error);
            return false;
          }
        },
      },
    ],
  });
  if (asked) toast(`${person.name} was asked.`, { kind: "good" });
  return asked;
}

/**
 * How the viewer stands to somebody, and the way on.
 * @param {import("../main.js").App} app
 * @param {{userId: string, name: string}} person
 * @returns {{node: HTMLElement, again: () => Promise<void>}}
 */
export function connectState(app, person) {
  const node = h("div");
  const again = async () => {
    const { items } = await app.rapport.api.get("/api/connections", { limit: 100 });
    const known = items.find((/** @type {Connection} */ one) => one.userId === person.userId);
    if (known?.state === "accepted") {
      return replace(node, h("p.with-icon.small", icon("check"), "You are connected"));
    }
    if (known?.state === "pending") {
      const words = !known.mine ? `${person.name} asks to connect` : "Asked to connect";
      return replace(node, h("p.with-icon.small", icon("clock"), h("a", { href: "/connections" }, words)));
    }
    const ask = async () => {
      if (await askToConnect(app, person)) await again().catch(() => {});
    };
    replace(node, h("button.button.wide", { type: "button", onclick: ask }, icon("people"), "Connect"));
  };
  return { node, again };
}
