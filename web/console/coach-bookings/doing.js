// @ts-check
// What a coach does with a booking: each act asks what has to be asked, does it, says what came of it, and tells whether
// anything did. Fetched with the first press.
import { textOf } from "../business/fields.js";
import { momentFields, wrongField } from "../calendar/moments.js";
import { whole } from "../calendar/format.js";
import { check } from "../choices.js";
import { clock } from "../clock.js";
import { confirm } from "../dialog.js";
import { h } from "../dom.js";
import { formDialog } from "../form-dialog.js";
import { field } from "../form.js";
import { money } from "../format.js";
import { icon } from "../icons.js";
import { toast } from "../toast.js";
import { isGroup } from "./parts.js";

/** @typedef {import("./standing.js").BookingView} BookingView */
/** @typedef {import("../main.js").App} App */

const SUGGESTED_MAX = 10;
const DAY_MS = 86_400_000;

/** @param {BookingView} view @param {string} what */
function path(view, what) {
  return `/api/bookings/${view.bookingId}/${what}`;
}

/** A field for words that the other side reads. @param {string} label @param {string} name @param {string} hint */
function wordsField(label, name, hint) {
  return field({ label, name, hint, control: h("textarea", { rows: 3, maxlength: 1000 }) });
}

/** @param {App} app @param {BookingView} view */
async function accept(app, view) {
  const wish = view.rescheduling;
  // What is agreed to is the time on the page: the client may ask for another one meanwhile.
  await app.rapport.api.post(path(view, "accept"), { start: (wish ?? view).start });
  if (wish) toast("Moved. The client is told.", { kind: "good" });
  else
    toast(view.price.amount ? "Accepted. It stands as soon as it is paid." : "Accepted. It takes place.", {
      kind: "good",
    });
  return true;
}

/** Who is declined what, and what follows. @param {BookingView} view @param {string} zone @returns {string[]} */
function declined(view, zone) {
  const name = view.client?.name ?? "The client";
  const present = whole(view.start, view.end, zone);
  if (!view.rescheduling)
    return [`${name}, “${view.title}”, ${present}.`, "The time is free again, and nothing is charged."];
  const wished = whole(view.rescheduling.start, view.rescheduling.end, zone);
  return [`${name} would rather come ${wished}.`, `The booking stays at its present time, ${present}.`];
}

/** @param {App} app @param {BookingView} view @param {string} zone */
async function decline(app, view, zone) {
  const wish = Boolean(view.rescheduling);
  const reason = wordsField("Why", "reason", "The client reads it. May stay empty.");
  return formDialog({
    title: wish ? "Keep the time as it was?" : "Decline this request?",
    lead: declined(view, zone).map((line) => h("p", line)),
    content: wish ? [] : [reason],
    submit: wish ? "Keep the time" : "Decline",
    send: async () => {
      const text = wish ? "" : textOf(reason);
      await app.rapport.api.post(path(view, "decline"), text ? { reason: text } : {});
    },
  });
}

/**
 * Fields for one to ten times, each as long as the client asked for.
 * @param {BookingView} view
 * @param {string} zone
 */
function timesList(view, zone) {
  const lasts = Date.parse(view.end) - Date.parse(view.start);
  const first = Math.max(Date.parse(view.start), clock.now()) + DAY_MS;
  /** @type {{read: () => {start: number, end: number}}[]} */
  const rows = [];
  const list = h("ol.plain.stack.loose");
  /** A day after the last one, if that is filled in. */
  const next = () => {
    try {
      const last = rows[rows.length - 1];
      return last ? last.read().start + DAY_MS : first;
    } catch {
      return first;
    }
  };
  const add = () => {
    if (rows.length >= SUGGESTED_MAX) return;
    const start = next();
    const moments = momentFields({ zone: () => zone, start, end: start + lasts, lasts });
    const remove = () => {
      rows.splice(rows.indexOf(moments), 1);
      entry.remove();
      more.focus();
    };
    const button = h(
      "button.button.quiet.small",
      { type: "button", onclick: remove },
      icon("trash"),
      "Not this one",
    );
    const entry = h("li", moments.node, rows.length > 0 && button);
    rows.push(moments);
    list.append(entry);
    if (rows.length > 1) /** @type {HTMLElement | null} */ (entry.querySelector("input"))?.focus();
  };
  const more = h("button.button.small", { type: "button", onclick: add }, icon("plus"), "Another time");
  add();
  return {
    node: [h("div.field", { dataset: { name: "times" } }, list, h("p.error")), h("div", more)],
    read: () => {
      const times = rows.map((row) => row.read());
      if (new Set(times.map((one) => one.start)).size < times.length)
        throw wrongField("times", "Two of these times are the same.");
      return times.map(({ start, end }) => ({
        start: new Date(start).toISOString(),
        end: new Date(end).toISOString(),
      }));
    },
  };
}

/** @param {App} app @param {BookingView} view @param {string} zone */
async function suggest(app, view, zone) {
  const times = timesList(view, zone);
  const message = wordsField("Message", "message", "The client reads it. May stay empty.");
  const lead =
    "The client chooses one and pays. Nothing is held until then, also not the time that was asked for.";
  return formDialog({
    title: "Suggest other times",
    lead: [h("p.quiet", lead)],
    content: [...times.node, message],
    submit: "Send the suggestions",
    send: async () => {
      const text = textOf(message);
      const body = { times: times.read(), ...(text ? { message: text } : {}) };
      await app.rapport.api.post(path(view, "suggest"), body);
      toast("Sent. The client can choose now.", { kind: "good" });
    },
  });
}

/** What goes back to whom when a coach cancels. @param {BookingView} view @param {{amount: number, currency: string}} refund */
function backWords(view, refund) {
  if (!refund.amount) return "Nothing was paid yet, so nothing goes back.";
  const all = isGroup(view)
    ? "go back to those who paid"
    : `goes back to ${view.client?.name ?? "the client"}`;
  return `${money(refund)} ${all}, all of it.`;
}

/** @param {App} app @param {BookingView} view @param {string} zone */
async function cancel(app, view, zone) {
  const { api } = app.rapport;
  const preview = await api.get(path(view, "cancellation"));
  const back = backWords(view, preview.refund);
  const reopen = check("Offer the time again", false, "Otherwise it stays blocked, until you open it again.");
  const reason = wordsField("Why", "reason", "Whoever booked reads it. May stay empty.");
  return formDialog({
    title: "Cancel this booking?",
    lead: [h("p", `“${view.title}”, ${whole(view.start, view.end, zone)}.`), h("p", h("strong", back))],
    content: [reopen.node, reason],
    submit: "Cancel the booking",
    danger: true,
    dismiss: "Keep it",
    send: async () => {
      const text = textOf(reason);
      await api.post(path(view, "cancel"), {
        reopen: reopen.input.checked,
        ...(text ? { reason: text } : {}),
      });
      toast("Cancelled. Everybody concerned is told.");
    },
  });
}

/** @param {App} app @param {BookingView} view @param {"completed" | "no_show"} status */
async function conclude(app, view, status) {
  const missed = status === "no_show";
  const yes = await confirm({
    title: missed ? `${view.client?.name ?? "The client"} did not come?` : "Did it take place?",
    body: missed
      ? "Nothing goes back to a client who does not come. Both of you see this in the history."
      : "Then it is completed.",
    yes: missed ? "Did not come" : "It took place",
    danger: missed,
  });
  if (!yes) return false;
  await app.rapport.api.put(path(view, "status"), { status });
  return true;
}

/** @param {App} app @param {BookingView} view @param {string} zone */
async function reopen(app, view, zone) {
  await app.rapport.api.post(path(view, "reopen"));
  toast(`${whole(view.start, view.end, zone)} can be booked again, if it is within your free time.`, {
    kind: "good",
  });
  return true;
}

/** @type {{[act: string]: (app: App, view: BookingView, zone: string) => Promise<boolean>}} */
export const DOING = {
  accept,
  decline,
  suggest,
  complete: (app, view) => conclude(app, view, "completed"),
  "no-show": (app, view) => conclude(app, view, "no_show"),
  cancel,
  reopen,
};
