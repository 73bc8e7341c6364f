// @ts-check
// The coach's price, and changing it. It concerns calls that begin later.
import { h, replace, uid } from "../dom.js";
import { major, minor, money, plain, rate } from "../format.js";
import { toast } from "../toast.js";
import { explain } from "../words.js";

/** In minor units, per minute; the server knows them too. */
const LEAST = 1;
const MOST = 1_000_000;

/**
 * The field of a price, and its buttons.
 * @param {import("../format.js").Money} now
 * @param {() => void} cancel
 */
function priceField({ amount, currency }, cancel) {
  const id = uid("rate");
  const unit = major({ amount: LEAST, currency });
  const input = h(`input#${id}`, {
    type: "number",
    inputmode: "decimal",
    min: unit,
    step: unit,
    required: true,
    value: plain({ amount, currency }),
    "aria-describedby": `${id}-hint`,
  });
  const error = h("p.error", { role: "alert" });
  const form = h(
    "form.field",
    { novalidate: true },
    h("label", { for: id }, `Price per minute (${currency})`),
    h(
      "div.row.fixed",
      h("div.grow", input),
      h("button.button.primary", { type: "submit" }, "Save"),
      h("button.button.quiet", { type: "button", onclick: cancel }, "Cancel"),
    ),
    h(`p.hint#${id}-hint`, "For calls that begin from now on. A call in progress keeps its price."),
    error,
  );
  return { form, input, error };
}

/**
 * The form in which a price is changed.
 * @param {import("../main.js").App} app
 * @param {() => void} done  saved, or left as it is
 */
function priceForm(app, done) {
  const now = app.me.value.coach.ratePerMinute;
  const { currency } = now;
  const { form, input, error } = priceField(now, done);
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const amount = minor(input.valueAsNumber, currency);
    if (!(amount >= LEAST && amount <= MOST)) {
      const [least, most] = [LEAST, MOST].map((limit) => money({ amount: limit, currency }));
      error.textContent = `Please enter a price from ${least} to ${most}.`;
      return void input.focus();
    }
    try {
      const patch = { coach: { ratePerMinute: { amount, currency } } };
      app.me.value = await app.rapport.api.patch("/api/users/me", patch);
      toast("Your price is changed.", { kind: "good" });
      done();
    } catch (problem) {
      error.textContent = explain(problem).text;
    }
  });
  return { form, input };
}

/**
 * @param {import("../main.js").App} app
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function rateForm(app) {
  const node = h("div.rate-form");
  let editing = false;

  const read = () => {
    const own = app.me.value?.coach;
    if (!own) return replace(node, h("span.skeleton.line"));
    replace(
      node,
      h(
        "div.row.between",
        h("p", h("strong.figures.big", rate(own.ratePerMinute))),
        h("button.button.small", { type: "button", onclick: edit }, "Change"),
      ),
    );
  };
  const edit = () => {
    editing = true;
    const { form, input } = priceForm(app, done);
    replace(node, form);
    input.focus();
    input.select();
  };
  const done = () => {
    editing = false;
    read();
    node.querySelector("button")?.focus();
  };
  const stop = app.me.subscribe(() => !editing && read());
  return { node, stop };
}
