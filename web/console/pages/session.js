// @ts-check
// /session/{bookingId}: the room of a booked session. A look into the mirror, then in; it ends by the clock, by one of the
// two, or goes on into overtime. Leaving the page leaves the room; one may come back.
import { RapportError, offline } from "../../client/errors.js";
import { preview } from "../call/preview.js";
import { clock } from "../clock.js";
import { whole } from "../calendar/format.js";
import { leftWords } from "../booking/left.js";
import { bookingState } from "../booking/state.js";
import { zone } from "../booking/zone.js";
import { release } from "../devices.js";
import { h, replace } from "../dom.js";
import { duration, money, timeOfDay } from "../format.js";
import { icon } from "../icons.js";
import { notesField } from "../session/notes.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { explain } from "../words.js";

/**
 * @typedef {import("../booking/story.js").BookingView} BookingView
 *
 * @typedef {{name: string, visits: {joinedAt: string, leftAt?: string | null}[]}} Guest
 *
 * @typedef {object} Record  of GET /api/sessions/{bookingId}
 * @property {string} state
 * @property {string | null} [endReason]
 * @property {string} notes
 * @property {Guest} coach
 * @property {Guest | null} [client]
 * @property {{sessionId: string, billableSeconds: number, amount: import("../format.js").Money} | null} [overtime]
 */

/** States of a meeting that is over. */
const OVER = new Set(["ended", "cancelled"]);
/** States of a booking that has a meeting. */
const MEETS = new Set(["confirmed", "scheduled"]);

/**
 * Why a session is over, for one side of it: domain.scheduled.session.SessionEnd.
 * @param {string | null | undefined} reason
 * @param {"client" | "coach"} role
 * @param {string} peer
 */
function endWords(reason, role, peer) {
  if (reason === `ended_by_${role}`) return "You ended it.";
  if (reason?.startsWith("ended_by_")) return `${peer} ended it.`;
  return (reason && ENDED[reason]) || "";
}

/** @type {{[reason: string]: string}} */
const ENDED = {
  time_is_up: "The time is over.",
  connection_lost: "The connection was lost for too long in overtime.",
  suspended: "An account was suspended.",
  cancelled: "The booking was cancelled.",
};

class SessionRoom {
  #app;
  #api;
  #booking;
  #record;
  #kept = bag();
  #shown = bag();
  #place = h("div.call-place");
  #notes;
  /** @type {import("../../client/video-session.js").VideoSession | null} */
  #session = null;
  /** @type {import("../devices.js").Opened | null} */
  #devices = null;

  /**
   * @param {import("../main.js").App} app
   * @param {BookingView} booking
   * @param {Record} record
   */
  constructor(app, booking, record) {
    this.#app = app;
    this.#api = app.rapport.api;
    this.#booking = booking;
    this.#record = record;
    this.#notes = notesField(app, booking.bookingId, record.notes);
    this.#kept.add(() => this.#notes.stop());
  }

  get #peer() {
    const { role, coach, client } = this.#booking;
    return role === "coach" ? (client?.name ?? "the client") : coach.name;
  }

  page() {
    const { notifications } = this.#app.rapport;
    this.#kept.add(
      notifications.on("booking_update", ({ bookingId }) => {
        if (bookingId === this.#booking.bookingId && !this.#session) void this.#reread().catch(() => {});
      }),
    );
    this.#begin();
    return {
      title: this.#booking.title,
      node: h(
        "section.page.call-page.session-page",
        h("h1.visually-hidden", this.#booking.title),
        this.#place,
      ),
      dispose: () => this.#dispose(),
    };
  }

  async #reread() {
    this.#booking = await this.#api.get(`/api/bookings/${this.#booking.bookingId}`);
    this.#record = await this.#api.get(`/api/sessions/${this.#booking.bookingId}`);
    if (!this.#session) this.#begin();
  }

  #begin() {
    if (OVER.has(this.#record.state)) return this.#over();
    if (!MEETS.has(this.#booking.state)) return this.#notNow();
    if (this.#booking.meetingUrl) return this.#elsewhereHeld(this.#booking.meetingUrl);
    this.#lobby();
  }

  // --- before ------------------------------------------------------------------------------------------------

  /** @param {{title: string, text: string}} [notice]  why one is back here */
  #lobby(notice) {
    const booking = this.#booking;
    this.#shown.dispose();
    const enter = h(
      "button.button.primary.big.wide",
      { type: "button", disabled: true },
      icon("camera"),
      "Enter",
    );
    const wait = h("p.quiet", { role: "status" });
    /** @type {import("../devices.js").Opened | null} */
    let opened = null;
    let said = "";
    const update = () => {
      const early = clock.until(booking.joinFrom);
      enter.disabled = early > 0 || !opened?.stream.getTracks().length;
      const words =
        early > 0
          ? `The room opens in ${leftWords(Math.ceil(early))}.`
          : `${this.#peer} sees when you are there.`;
      if (words !== said) wait.textContent = said = words;
    };
    // Tells at once that there is nothing yet.
    const mirror = preview((now) => {
      opened = now;
      update();
    });
    this.#shown.add(clock.every(update), () => mirror.dispose());
    enter.addEventListener("click", () => {
      const devices = mirror.keep();
      if (devices) void this.#enter(devices);
    });
    replace(
      this.#place,
      h(
        "div.card.stack.lobby",
        h(
          "div.stack.tight",
          h("h2", booking.title),
          h("p", `with ${this.#peer}`),
          h("p.with-icon.quiet", icon("calendar"), whole(booking.start, booking.end, zone.value)),
        ),
        notice &&
          h(
            "div.banner.warn",
            { role: "alert" },
            icon("warn"),
            h("div", h("strong", notice.title), h("p", notice.text)),
          ),
        mirror.node,
        mirror.devices,
        enter,
        wait,
        h("a.button.quiet", { href: `/bookings/${booking.bookingId}` }, "Back to the booking"),
      ),
    );
  }

  /** @param {import("../devices.js").Opened} devices */
  async #enter(devices) {
    const { rapport } = this.#app;
    const { bookingId } = this.#booking;
    this.#shown.dispose();
    this.#devices = devices;
    replace(this.#place, notice("camera", "Entering the room…", ""));
    let sessionStage;
    try {
      // What only those who enter need is fetched with them.
      [{ sessionStage }] = await Promise.all([import("../session/stage.js"), rapport.prepareSession()]);
    } catch (error) {
      return this.#back(error instanceof RapportError ? error : offline(error));
    }
    const session = rapport.session(bookingId, { media: devices.stream });
    this.#session = session;
    session.on("closed", (why) => this.#closed(session, why));
    session.on("trouble", (error) => console.info("session", error));
    const shown = sessionStage(this.#app, {
      session,
      devices,
      peer: this.#peer,
      notes: this.#notes.node,
      onLeave: () => session.leave(),
    });
    this.#shown.add(shown.dispose);
    replace(this.#place, shown.node);
    // Whatever it fails with, `closed` says it, too.
    session.join().catch(() => {});
  }

  /**
   * @param {import("../../client/video-session.js").VideoSession} session
   * @param {RapportError} why
   */
  async #closed(session, why) {
    if (session !== this.#session) return;
    this.#letGo();
    if (why.code === "GONE") return this.#ended(session);
    if (why.code === "DISCONNECTED") return this.#app.navigate(`/bookings/${this.#booking.bookingId}`);
    if (why.code === "seat_taken") return this.#taken();
    this.#back(why);
  }

  /** @param {unknown} error */
  #back(error) {
    this.#letGo();
    const { title, text } = explain(error);
    this.#lobby({ title, text });
  }

  #letGo() {
    this.#session = null;
    release(this.#devices?.stream);
    this.#devices = null;
    this.#shown.dispose();
  }

  #taken() {
    const back = h("button.button.primary.big", { type: "button" }, icon("swap"), "Move it here");
    back.addEventListener("click", () => this.#lobby());
    replace(
      this.#place,
      notice(
        "external",
        "The session goes on in another window",
        "You entered it there, in another window or on another device.",
        back,
      ),
    );
  }

  // --- after -------------------------------------------------------------------------------------------------

  /** @param {import("../../client/video-session.js").VideoSession} session */
  async #ended(session) {
    const { endReason } = session.snapshot;
    replace(this.#place, notice("check", "The session is over", ""));
    await this.#reread().catch(toastTrouble);
    if (!OVER.has(this.#record.state) && endReason !== "rescheduled") {
      this.#record = { ...this.#record, state: "ended", endReason: endReason ?? undefined };
      this.#over();
    }
  }

  #over() {
    const booking = this.#booking;
    const { overtime, endReason, coach, client } = this.#record;
    const came = [coach, ...(client ? [client] : [])].filter((one) => one.visits.length > 0);
    this.#shown.dispose();
    replace(
      this.#place,
      h(
        "div.stack.loose.after",
        h(
          "div.card.stack",
          h(
            "div.stack.tight",
            h("h2", "The session is over"),
            h("p.quiet", endWords(endReason, booking.role, this.#peer)),
          ),
          h(
            "p",
            h("strong", booking.title),
            `, ${whole(booking.start, booking.end, zone.value)}, with ${this.#peer}`,
          ),
          overtime &&
            h(
              "p.with-icon",
              icon("clock"),
              `Overtime: ${duration(overtime.billableSeconds)}, ${money(overtime.amount)}`,
            ),
          h(
            "div.row",
            booking.role === "client" &&
              booking.paymentId &&
              h("a.button", { href: `/payments/${booking.paymentId}` }, icon("receipt"), "Receipt"),
            overtime &&
              h(
                "a.button",
                { href: `/receipts/${overtime.sessionId}` },
                icon("receipt"),
                "Receipt of the overtime",
              ),
            h("a.button.quiet", { href: `/bookings/${booking.bookingId}` }, "The booking"),
          ),
        ),
        h("section.card.stack", this.#notes.node),
        came.length > 0 && visits(came),
      ),
    );
  }

  #notNow() {
    const { bookingId } = this.#booking;
    const { label } = bookingState(this.#booking);
    replace(
      this.#place,
      notice(
        "calendar",
        "There is no meeting",
        `This booking is not one that can be entered: ${label.toLowerCase()}.`,
        h("a.button.primary", { href: `/bookings/${bookingId}` }, "See the booking"),
      ),
    );
  }

  /** @param {string} href */
  #elsewhereHeld(href) {
    replace(
      this.#place,
      notice(
        "external",
        this.#booking.title,
        "This session is held at an address of the coach.",
        h(
          "a.button.primary.big",
          { href, target: "_blank", rel: "noopener noreferrer" },
          "Open the meeting",
          icon("external"),
        ),
      ),
    );
  }

  #dispose() {
    const session = this.#session;
    this.#session = null;
    session?.leave();
    this.#letGo();
    this.#kept.dispose();
  }
}

/** @param {Guest[]} guests  who came */
function visits(guests) {
  return h(
    "section.card.stack",
    h("h2", "Who was there"),
    h(
      "dl.facts",
      guests.map(({ name, visits: stays }) => [
        h("dt", name),
        h(
          "dd.figures",
          stays.map(({ joinedAt, leftAt }) =>
            h("span.block.small", `${timeOfDay(joinedAt)}${leftAt ? ` – ${timeOfDay(leftAt)}` : ""}`),
          ),
        ),
      ]),
    ),
  );
}

/**
 * @param {string} sign
 * @param {string} title
 * @param {string} text
 * @param {...any} more
 */
function notice(sign, title, text, ...more) {
  return h(
    "div.empty.call-notice",
    h("span.empty-icon", icon(sign)),
    h("h2", title),
    h("p", { role: "status" }, text),
    ...more,
  );
}

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function sessionPage(ctx) {
  const id = encodeURIComponent(ctx.params.bookingId);
  const [booking, record] = await Promise.all([
    ctx.rapport.api.get(`/api/bookings/${id}`),
    ctx.rapport.api.get(`/api/sessions/${id}`),
  ]);
  return new SessionRoom(ctx.app, booking, record).page();
}
