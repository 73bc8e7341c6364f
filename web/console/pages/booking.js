// @ts-check
// /bookings/{bookingId}: one booking, from the wish to the receipt. What its client sees and can do; the coach's side has
// a page of its own behind the same address.
import { offline } from "../../client/errors.js";
import { randomId } from "../../client/random-id.js";
import { avatar } from "../avatar.js";
import { door, hasDoor } from "../booking/join.js";
import { leftWords } from "../booking/left.js";
import { priceNode } from "../booking/price.js";
import { bookingState } from "../booking/state.js";
import { AHEAD, MOVABLE, standing } from "../booking/story.js";
import { bookingTimeline } from "../booking/timeline.js";
import { zone, zoneChoice } from "../booking/zone.js";
import { dayOf, timeRange, whole, zoneLabel } from "../calendar/format.js";
import { clock } from "../clock.js";
import { h, redraw } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { PAYMENT_STATES } from "../words.js";

/** @typedef {import("../booking/story.js").BookingView} BookingView */

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function bookingPage(ctx) {
  /** @type {BookingView} */
  const view = await ctx.rapport.api.get(`/api/bookings/${encodeURIComponent(ctx.params.bookingId)}`);
  if (view.role === "coach") {
    const { coachBooking } = await import("../coach-bookings/detail.js");
    return coachBooking(ctx, /** @type {any} */ (view));
  }
  // Whoever looks at a group session sees their own place in it, or the coach who gives it.
  if (view.capacity && !view.groupId) {
    ctx.app.navigate(view.placeId ? `/bookings/${view.placeId}` : `/coaches/${view.coach.userId}`, {
      replace: true,
    });
  }
  const booking = new ClientBooking(ctx, view);
  await booking.prepare();
  return booking.page();
}

class ClientBooking {
  #ctx;
  #app;
  #api;
  #view;
  #kept = bag();
  #shown = bag();
  #place = h("div.stack.loose");
  #returned;
  /** @type {typeof import("../booking/pay.js").payPanel | undefined} */
  #payPanel;
  /** What is drawn: news that change nothing to be seen draw nothing anew. */
  #drawn = "";

  /**
   * @param {import("../router.js").Context} ctx
   * @param {BookingView} view
   */
  constructor(ctx, view) {
    this.#ctx = ctx;
    this.#app = ctx.app;
    this.#api = ctx.rapport.api;
    this.#view = view;
    this.#returned = ctx.query.get("checkout") === "done";
  }

  page() {
    const { notifications } = this.#ctx.rapport;
    const mine = ({ bookingId = "" }) => [this.#view.bookingId, this.#view.groupId].includes(bookingId);
    const again = () => void this.#reread().catch(() => {});
    this.#kept.add(
      notifications.on("booking_update", (update) => mine(update) && again()),
      notifications.on("payment_update", ({ paymentId }) => {
        if (paymentId === this.#view.paymentId || this.#view.state === "pending_payment") again();
      }),
      notifications.on("reload", ({ first }) => first || again()),
      zone.subscribe(() => this.#draw(true)),
    );
    const node = h(
      "section.page.narrow.booking-page",
      h("a.back", { href: "/bookings" }, icon("left"), "All bookings"),
      this.#place,
    );
    return {
      title: this.#view.title,
      node,
      dispose: () => {
        this.#kept.dispose();
        this.#shown.dispose();
      },
    };
  }

  #reread = async () => {
    this.#view = await this.#api.get(`/api/bookings/${this.#view.bookingId}`);
    await this.prepare();
    this.#draw();
  };

  /** @param {boolean} [anyway] */
  #draw(anyway = false) {
    const view = this.#view;
    // `cancellable` and the server's time move with the clock; what they say is asked for when it is needed.
    const key = JSON.stringify({
      ...view,
      cancellable: view.cancellable?.allowed,
      serverTime: 0,
      paymentState: "",
    });
    if (key === this.#drawn && !anyway) return;
    this.#drawn = key;
    this.#shown.dispose();
    redraw(
      this.#place,
      this.#head(),
      this.#asks(),
      view.state === "pending_payment" && this.#pay(),
      this.#facts(),
      bookingTimeline(view, zone.value),
    );
  }

  #head() {
    const view = this.#view;
    const { label, kind } = bookingState(view);
    const choice = zoneChoice();
    this.#shown.add(choice.stop);
    const joined = hasDoor(view) ? door(view) : null;
    if (joined) this.#shown.add(joined.stop);
    const ends = Date.parse(view.end) - Date.parse(view.start);
    return h(
      "header.stack.booking-head",
      h(
        "div.row.fixed.receipt-who",
        avatar(view.coach.name, view.coach.avatarUrl ?? null),
        h(
          "div.grow.stack.tight",
          h("h1", view.title),
          h("p.quiet", "with ", h("a", { href: `/coaches/${view.coach.userId}` }, view.coach.name)),
          h("div.row.tight", h(`span.badge.${kind}`, label), view.groupId && h("span.badge", "Group")),
        ),
      ),
      h(
        "div.booking-when",
        view.state === "time_suggested" && h("p.quiet.small", "You asked for"),
        h("p.booking-day", dayOf(view.start, zone.value)),
        h("p.figures.big", timeRange(view.start, view.end, zone.value)),
        h("p.quiet.small", `${Math.round(ends / 60_000)} minutes`),
        choice.node,
      ),
      h("p", { role: "status" }, standing(view, zone.value)),
      joined?.node,
    );
  }

  /** What the other side waits for. */
  #asks() {
    const view = this.#view;
    if (view.state === "time_suggested") return this.#suggestions();
    if (view.state === "requested" && view.expiresAt) return this.#answerUntil(view.expiresAt);
    if (view.rescheduling) return this.#answerUntil(view.rescheduling.expiresAt);
    return null;
  }

  /** @param {string} until */
  #answerUntil(until) {
    const left = h("strong.figures");
    this.#shown.add(clock.every(() => (left.textContent = leftWords(Math.ceil(clock.until(until))))));
    return h("div.banner", icon("clock"), h("p", `${this.#view.coach.name} has `, left, " to answer."));
  }

  #suggestions() {
    const view = this.#view;
    const ahead = view.suggestions.filter((one) => Date.parse(one.start) > clock.now());
    const take = (/** @type {string} */ start) => async (/** @type {any} */ event) =>
      this.#press(event.currentTarget, () => this.#post("choose", { start }));
    return h(
      "section.card.stack",
      h("h2", "Suggested times"),
      h(
        "ul.plain.stack.tight",
        ahead.map((one) =>
          h(
            "li.row.between.suggestion",
            h("strong", whole(one.start, one.end, zone.value)),
            h(
              "button.button.primary",
              {
                type: "button",
                onclick: take(one.start),
                ariaLabel: `Take this time: ${whole(one.start, one.end, zone.value)}`,
              },
              "Take this time",
            ),
          ),
        ),
      ),
      ahead.length === 0 && h("p.quiet", "All of them are past."),
      h(
        "div.row",
        h(
          "button.button.quiet",
          {
            type: "button",
            onclick: (/** @type {any} */ event) =>
              this.#press(event.currentTarget, () => this.#post("decline", {})),
          },
          "None of these",
        ),
      ),
    );
  }

  /** Fetch what only a booking that is to be paid needs. */
  async prepare() {
    if (this.#view.state === "pending_payment")
      this.#payPanel ??= (await import("../booking/pay.js")).payPanel;
  }

  #pay() {
    if (!this.#payPanel) return null;
    const panel = this.#payPanel(this.#app, this.#view, { returned: this.#returned, reread: this.#reread });
    this.#returned = false;
    this.#shown.add(panel.stop);
    return panel.node;
  }

  #facts() {
    const view = this.#view;
    const ahead = AHEAD.has(view.state) && clock.now() < Date.parse(view.start);
    const paid = view.paymentState && PAYMENT_STATES[view.paymentState];
    return h(
      "section.card.stack",
      h("h2", "The booking"),
      h(
        "dl.facts",
        h("dt", "Price"),
        h("dd", priceNode(view.price)),
        paid &&
          view.state !== "pending_payment" && [
            h("dt", "Payment"),
            h("dd", h(`span.badge.${paid.kind}`, paid.label)),
          ],
        view.timeZone &&
          view.timeZone !== zone.value && [
            h("dt", "Booked in"),
            h("dd", zoneLabel(view.timeZone, Date.parse(view.start))),
          ],
        view.capacity &&
          view.attendees !== null && [
            h("dt", "Places taken"),
            h("dd", `${view.attendees} of ${view.capacity}`),
          ],
      ),
      view.goals && h("div.stack.tight", h("h3", "What you want to reach"), h("p.prewrap", view.goals)),
      this.#policy(ahead),
      h("div.row", this.#ways(ahead)),
    );
  }

  /** @param {boolean} ahead */
  #policy(ahead) {
    const { cancellable, price, state } = this.#view;
    if (!ahead || !cancellable?.allowed || price.amount === 0 || state !== "confirmed") return null;
    const full = Date.parse(cancellable.fullRefundUntil);
    const part = Date.parse(cancellable.partialRefundUntil);
    const now = clock.now();
    const at = (/** @type {number} */ instant) =>
      `${dayOf(instant, zone.value)}, ${timeRange(instant, instant + 1, zone.value)}`;
    const words =
      now < full
        ? `Cancel until ${at(full)} and all of it comes back${part > full ? `; until ${at(part)} a part of it.` : "."}`
        : now < part
          ? `Cancel until ${at(part)} and a part of it comes back.`
          : "Cancelling brings nothing back any more.";
    return h("p.quiet.small", words);
  }

  /** @param {boolean} ahead */
  #ways(ahead) {
    const view = this.#view;
    const receipt = view.paymentId && view.state !== "pending_payment";
    const until = view.state === "confirmed" && view.cancellable?.rescheduleUntil;
    const change = async (/** @type {"cancelBooking" | "rescheduleBooking"} */ what) => {
      try {
        const ways = await import("../booking/change.js");
        if (await ways[what](this.#app, view)) await this.#reread();
      } catch (error) {
        toastTrouble(error instanceof TypeError ? offline(error) : error);
      }
    };
    const move = () => void change("rescheduleBooking");
    const cancel = () => void change("cancelBooking");
    return [
      receipt && h("a.button", { href: `/payments/${view.paymentId}` }, icon("receipt"), "Receipt"),
      ahead &&
        MOVABLE.has(view.state) &&
        !view.groupId &&
        !view.rescheduling &&
        !(until && Date.parse(until) < clock.now()) &&
        h("button.button", { type: "button", onclick: move }, icon("calendar"), "Another time"),
      ahead &&
        view.cancellable?.allowed !== false &&
        h("button.button.danger.quiet", { type: "button", onclick: cancel }, "Cancel the booking"),
      !AHEAD.has(view.state) &&
        h("a.button", { href: `/coaches/${view.coach.userId}` }, icon("calendar"), "Book again"),
    ];
  }

  /** @param {string} what @param {object} body */
  async #post(what, body) {
    await this.#api.post(`/api/bookings/${this.#view.bookingId}/${what}`, body, {
      idempotencyKey: randomId(),
    });
    await this.#reread();
  }

  /** @param {any} button @param {() => Promise<void>} work */
  async #press(button, work) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await work();
    } catch (error) {
      toastTrouble(error);
      await this.#reread().catch(() => {});
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }
}
