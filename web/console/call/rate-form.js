// @ts-check
// The coach's price, and changing it. It concerns calls that begin later.
import { h, replace, uid } from "../dom.js";
import { major, minor, money, plain, rate } from "../format.js";
import { toast } from "../toast.js";
import { explain } from "../words.js";

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
    const { ratePerMinute: now } = app.me.value.coach;
    const id = uid("rate");
    const unit = major({ amount: 1, currency: now.currency });
    const input = h(`input#${id}`, {
      type: "number",
      inputmode: "decimal",
      min: unit,
      step: unit,
      required: true,
      value: plain(now),
      "aria-describedby": `${id}-hint`,
    });
    const error = h("p.error", { role: "alert" });
    const form = h(
      "form.field",
      { novalidate: true },
      h("label", { for: id }, `Price per minute (${now.currency})`),
      h(
        "div.row.fixed",
        h("div.grow", input),
        h("button.button.primary", { type: "submit" }, "Save"),
        h("button.button.quiet", { type: "button", onclick: done }, "Cancel"),
      ),
      h(`p.hint#${id}-hint`, "For calls that begin from now on. A call in progress keeps its price."),
      error,
    );
    form.addEventListener("submit", async (/** @type {Event} */ event) => {
      event.preventDefault();
      const amount = minor(input.valueAsNumber, now.currency);
      if (!(amount >= 1 && amount <= 1_000_000)) {
        error.textContent = `Please enter a price from ${money({ amount: 1, currency: now.currency })} on.`;
        return void input.focus();
      }
      try {
        app.me.value = await app.rapport.api.patch("/api/users/me", {
          coach: { ratePerMinute: { amount, currency: now.currency } },
        });
        toast("Your price is changed.", { kind: "good" });
        done();
      } catch (problem) {
        error.textContent = explain(problem).text;
      }
    });
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
