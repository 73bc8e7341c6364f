// @ts-check
// Changing one's mind about a booking: cancel, with what comes back shown first; or another time.
import { randomId } from "../../client/random-id.js";
import { whole } from "../calendar/format.js";
import { dialog, openDialog } from "../dialog.js";
import { h, replace } from "../dom.js";
import { money } from "../format.js";
import { icon } from "../icons.js";
import { toast, toastTrouble } from "../toast.js";
import { explain } from "../words.js";
import { StartPicker } from "./starts.js";
import { zone } from "./zone.js";

/** @typedef {import("./story.js").BookingView} BookingView */

/**
 * @typedef {object} Cancellation  of GET /api/bookings/{bookingId}/cancellation
 * @property {boolean} allowed
 * @property {number} refundPercent  of what was paid
 * @property {import("../format.js").Money} refund
 * @property {string} fullRefundUntil
 * @property {string} partialRefundUntil
 */

/**
 * What comes back, for the client who cancels.
 * @param {BookingView} view
 * @param {Cancellation} preview
 */
export function refundWords(view, { refund, refundPercent }) {
  if (view.state !== "confirmed" || view.price.amount === 0)
    return "Nothing was charged, so nothing comes back.";
  const { amount, currency } = view.price;
  if (refundPercent === 100) return `All of it comes back: ${money(refund)}.`;
  if (refundPercent === 0) return "It is too late for a refund: nothing comes back.";
  return `${refundPercent}% comes back: ${money(refund)} of ${money({ amount, currency })}.`;
}

/** @param {BookingView} view @param {Cancellation} preview */
function refundNode(view, preview) {
  const charged = view.state === "confirmed" && view.price.amount > 0;
  const full = preview.refundPercent === 100;
  return h(
    "div.stack.tight",
    charged && h("p.figures.big", money(preview.refund)),
    h("p", { class: charged && !full ? "" : "quiet" }, refundWords(view, preview)),
    charged && h("p.quiet.small", "It goes back to the card that paid, usually within a few days."),
  );
}

/**
 * Ask whether to cancel, and cancel; true if it was.
 * @param {import("../main.js").App} app
 * @param {BookingView} view
 */
export async function cancelBooking(app, view) {
  const { api } = app.rapport;
  const address = `/api/bookings/${view.bookingId}`;
  /** @type {Cancellation} */
  let preview;
  try {
    preview = await api.get(`${address}/cancellation`);
  } catch (error) {
    toastTrouble(error);
    return false;
  }
  const done = await dialog({
    title: "Cancel this booking?",
    body: [
      h("p", h("strong", view.title), `, ${whole(view.start, view.end, zone.value)}`),
      refundNode(view, preview),
    ],
    actions: [
      { label: "Keep it", value: false, kind: "quiet" },
      {
        label: "Cancel the booking",
        value: true,
        kind: "danger",
        run: async () => {
          try {
            await api.post(`${address}/cancel`, {});
          } catch (error) {
            toastTrouble(error);
            return false;
          }
        },
      },
    ],
  });
  if (done) toast("The booking is cancelled.", { kind: "good" });
  return done === true;
}

/**
 * Choose another time; true if something changed.
 * @param {import("../main.js").App} app
 * @param {BookingView} view
 */
export async function rescheduleBooking(app, view) {
  const { api, notifications } = app.rapport;
  const minutes = (Date.parse(view.end) - Date.parse(view.start)) / 60_000;
  const problem = h("div", { role: "alert" });
  const chosen = h("p.with-icon", { role: "status" });
  const go = h("button.button.primary", { type: "button", disabled: true }, "Move it");
  const keep = h("button.button.quiet", { type: "button" }, "Keep the time");
  const picker = new StartPicker({
    read: async (from, to) => {
      const { sessionTypeId, coach } = view;
      const address = `/api/coaches/${encodeURIComponent(coach.userId)}/starts`;
      const { items } = await api.get(address, { sessionTypeId, minutes, from, to });
      return items.filter(
        (/** @type {{start: string}} */ one) => Date.parse(one.start) !== Date.parse(view.start),
      );
    },
    onChoose: (start) => {
      go.disabled = !start;
      replace(chosen, start && [icon("calendar"), h("strong", whole(start.start, start.end, zone.value))]);
    },
  });
  const opened = openDialog({
    title: "Another time",
    kind: "wide",
    body: [
      h("p.quiet", `Now: ${whole(view.start, view.end, zone.value)}. Price and payment stay as they are.`),
      picker.node,
      chosen,
      problem,
      h("div.dialog-actions", keep, go),
    ],
  });
  const stop = notifications.on("availability_update", ({ coachId }) => {
    if (coachId === view.coach.coachId) void picker.again();
  });
  notifications.watch([view.coach.coachId]).catch(() => {});
  keep.addEventListener("click", () => opened.close(false));
  const idempotencyKey = randomId();
  go.addEventListener("click", async () => {
    const start = picker.chosen;
    if (!start) return;
    go.disabled = true;
    go.setAttribute("aria-busy", "true");
    try {
      await api.post(
        `/api/bookings/${view.bookingId}/reschedule`,
        { start: start.start },
        { idempotencyKey },
      );
      opened.close(true);
    } catch (error) {
      const { title, text } = explain(error);
      replace(problem, h("div.banner.bad", icon("warn"), h("p", h("strong", `${title}. `), text)));
      await picker.again();
      go.disabled = !picker.chosen;
    } finally {
      go.removeAttribute("aria-busy");
    }
  });
  void picker.reset();
  const done = await opened.result;
  stop();
  notifications.unwatch([view.coach.coachId]).catch(() => {});
  picker.stop();
  return done === true;
}
