// @ts-check
// On a coach's page: choose a kind of session, how long, and when; see the price with its reason; book it.
import { randomId } from "../../client/random-id.js";
import { length, whole } from "../calendar/format.js";
import { h, replace, uid } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { explain } from "../words.js";
import { priceNode } from "./price.js";
import { StartPicker } from "./starts.js";
import { durationsOf, inOwnWords, policyWords, priceWords } from "./types.js";
import { zone } from "./zone.js";

/**
 * @typedef {import("./types.js").SessionType} SessionType
 * @typedef {import("./month.js").Start} Start
 * @typedef {{userId: string, coachId: string, name: string}} Coach
 */

const GOALS_MAX = 2000;
/** Refusals about the code alone: the price without it stands. */
const ABOUT_CODE = new Set(["CODE_INVALID", "CODE_USED_UP"]);

/** @param {SessionType} type @param {boolean} checked @param {(type: SessionType) => void} choose */
function typeChoice(type, checked, choose) {
  const description = inOwnWords(type.descriptions);
  return h(
    "label.choice.type-choice",
    h("input", { type: "radio", name: "session-type", checked, onchange: () => choose(type) }),
    h(
      "span.grow.stack.tight",
      h("strong", inOwnWords(type.names)),
      description && h("span.quiet.small.clamp-2", description),
      h("span.small.figures", priceWords(type)),
    ),
  );
}

class Booking {
  #app;
  #coach;
  #type;
  #minutes;
  /** The code that was applied. */
  #code = "";
  /** Rises with every question for a price. */
  #turn = 0;
  /** Of one attempt: a repeated one must not book twice. */
  #key = randomId();
  #picker;
  #kept = bag();
  #lengths = h("div");
  #price = h("div.book-price", { role: "status" });
  #codeError = h("p.error");
  #codeInput;
  #goals;
  #button = h("button.button.primary.big.wide", { type: "submit", disabled: true }, "Book");
  #problem = h("div", { role: "alert" });

  /**
   * @param {import("../main.js").App} app
   * @param {Coach} coach
   * @param {SessionType[]} types
   */
  constructor(app, coach, types) {
    this.#app = app;
    this.#coach = coach;
    this.#type = types[0];
    this.#minutes = types[0].durationDefault;
    this.#picker = new StartPicker({
      read: (from, to) => this.#read(from, to),
      onChoose: () => void this.#reprice(),
    });
    this.#codeInput = h("input", {
      type: "text",
      id: uid("code"),
      autocomplete: "off",
      autocapitalize: "characters",
      maxlength: 40,
    });
    this.#goals = h("textarea", { id: uid("goals"), rows: 3, maxlength: GOALS_MAX });
    this.node = this.#form(types);
    this.#kept.add(
      () => this.#picker.stop(),
      zone.subscribe(() => this.#drawPrice()),
    );
    this.#drawLengths();
    /** When there is something to choose from. */
    this.ready = this.#picker.reset();
  }

  /** Something of this coach's time changed. */
  again() {
    void this.#picker.again();
  }

  dispose() {
    this.#turn += 1;
    this.#kept.dispose();
  }

  /** @param {SessionType[]} types */
  #form(types) {
    const form = h(
      "form.stack",
      { novalidate: true, ariaLabel: `Book a session with ${this.#coach.name}` },
      types.length > 1
        ? h(
            "fieldset.field",
            h("legend", "What"),
            h(
              "div.choices.type-choices",
              types.map((type) => typeChoice(type, type === this.#type, (one) => this.#choose(one))),
            ),
          )
        : h(
            "div.stack.tight",
            h("h3", inOwnWords(types[0].names)),
            h("p.quiet", inOwnWords(types[0].descriptions)),
          ),
      this.#lengths,
      h("fieldset.field", h("legend", "When"), this.#picker.node),
      h(
        "div.field",
        h("label", { for: this.#goals.id }, "What do you want to reach? (optional)"),
        this.#goals,
        h("p.hint", `${this.#coach.name} reads it before you meet.`),
      ),
      this.#codeField(),
      this.#price,
      this.#problem,
      this.#button,
    );
    form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      void this.#book();
    });
    return form;
  }

  #codeField() {
    const apply = h("button.button", { type: "button" }, "Apply");
    const use = () => {
      this.#code = this.#codeInput.value.trim();
      this.#key = randomId();
      this.#sayCode("");
      void this.#reprice();
    };
    apply.addEventListener("click", use);
    this.#codeInput.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      use();
    });
    return h(
      "details.code-field",
      h("summary", icon("tag"), "I have a discount code"),
      h(
        "div.field",
        h("label", { for: this.#codeInput.id }, "Discount code"),
        h("div.row.fixed", this.#codeInput, apply),
        this.#codeError,
      ),
    );
  }

  /** @param {string} words */
  #sayCode(words) {
    if (words) this.#codeInput.setAttribute("aria-invalid", "true");
    else this.#codeInput.removeAttribute("aria-invalid");
    replace(this.#codeError, words && [icon("warn"), h("span", words)]);
  }

  /** @param {SessionType} type */
  #choose(type) {
    this.#type = type;
    this.#minutes = type.durationDefault;
    this.#drawLengths();
    void this.#terms();
  }

  async #terms() {
    await this.#picker.reset();
    await this.#reprice();
  }

  #drawLengths() {
    const all = durationsOf(this.#type);
    if (all.length < 2) return replace(this.#lengths);
    const id = uid("length");
    const select = h(
      `select#${id}`,
      { value: String(this.#minutes) },
      all.map((minutes) => h("option", { value: String(minutes) }, length(minutes))),
    );
    select.addEventListener("change", () => {
      this.#minutes = Number(select.value);
      void this.#terms();
    });
    replace(this.#lengths, h("div.field.length-field", h("label", { for: id }, "How long"), select));
  }

  /** @param {string} from @param {string} to @returns {Promise<Start[]>} */
  async #read(from, to) {
    const { items } = await this.#app.rapport.api.get(
      `/api/coaches/${encodeURIComponent(this.#coach.userId)}/starts`,
      { sessionTypeId: this.#type.sessionTypeId, minutes: this.#minutes, from, to },
    );
    // Firm at once only where both the time and the kind of session allow it.
    return items.map((/** @type {Start} */ one) => ({ ...one, instant: one.instant && this.#type.instant }));
  }

  /** @type {import("./price.js").Quote | null} */
  #quote = null;

  async #reprice() {
    const mine = ++this.#turn;
    const start = this.#picker.chosen;
    this.#quote = null;
    this.#key = randomId();
    replace(this.#problem);
    this.#drawPrice();
    if (!start) return;
    const asked = { ...this.#wish(start), ...(this.#code ? { discountCode: this.#code } : {}) };
    try {
      const quote = await this.#app.rapport.api.post("/api/prices/calculate", asked);
      if (mine !== this.#turn) return;
      this.#quote = quote;
      if (this.#code && quote.reason !== "code")
        this.#sayCode("There is no lower price with this code: it stays unused.");
    } catch (error) {
      if (mine !== this.#turn) return;
      if (ABOUT_CODE.has(/** @type {any} */ (error).code)) {
        this.#code = "";
        this.#sayCode(explain(error).text);
        return void this.#reprice();
      }
      this.#trouble(error);
    }
    this.#drawPrice();
  }

  /** @param {Start} start */
  #wish({ start }) {
    const { sessionTypeId } = this.#type;
    return { coachId: this.#coach.coachId, sessionTypeId, start, minutes: this.#minutes };
  }

  #drawPrice() {
    const start = this.#picker.chosen;
    const quote = this.#quote;
    this.#button.disabled = !start || !quote;
    this.#button.textContent =
      start && !start.instant ? "Ask for this time" : quote?.amount === 0 ? "Book" : "Book and pay";
    if (!start) return replace(this.#price, h("p.quiet", "Choose a time to see the price."));
    const when = h("p.with-icon", icon("calendar"), h("strong", whole(start.start, start.end, zone.value)));
    const how = start.instant
      ? "The time is held for you for 15 minutes while you pay."
      : `${this.#coach.name} confirms the time first. You pay after that, and nothing before.`;
    const back = quote && quote.amount > 0 ? ` ${policyWords(this.#type)}` : "";
    replace(
      this.#price,
      when,
      quote ? priceNode(quote) : h("span.skeleton.line"),
      h("p.quiet.small", how + back),
    );
  }

  /** @param {unknown} error */
  #trouble(error) {
    const { title, text, action } = explain(error);
    replace(
      this.#problem,
      h(
        "div.banner.bad",
        icon("warn"),
        h("p", h("strong", `${title}. `), text),
        action?.href && h("a.button.small", { href: action.href }, action.label),
      ),
    );
  }

  async #book() {
    const start = this.#picker.chosen;
    if (!start || this.#button.disabled) return;
    this.#button.disabled = true;
    this.#button.setAttribute("aria-busy", "true");
    replace(this.#problem);
    const goals = this.#goals.value.trim();
    const body = {
      ...this.#wish(start),
      timeZone: zone.value,
      ...(goals ? { goals } : {}),
      ...(this.#code ? { discountCode: this.#code } : {}),
    };
    try {
      const booking = await this.#app.rapport.api.post("/api/bookings", body, { idempotencyKey: this.#key });
      this.#app.navigate(`/bookings/${booking.bookingId}`);
    } catch (error) {
      this.#trouble(error);
      this.#key = randomId();
      // What was refused may have changed under our eyes.
      await this.#picker.again();
      this.#drawPrice();
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
  }
}

/**
 * The form to book with a coach, over what they offer to one client at a time.
 * @param {import("../main.js").App} app
 * @param {Coach} coach
 * @param {SessionType[]} types  at least one
 */
export function bookingForm(app, coach, types) {
  const form = new Booking(app, coach, types);
  return { node: form.node, ready: form.ready, again: () => form.again(), dispose: () => form.dispose() };
}
