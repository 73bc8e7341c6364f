// @ts-check
// Choices in a form: one of a few, or any of a few, each a control of its own that stands in a box.
import { h, uid } from "./dom.js";

/**
 * @typedef {object} Choice
 * @property {string} value
 * @property {string} label
 * @property {string} [hint]
 *
 * @typedef {object} ChoicesOptions
 * @property {string} legend
 * @property {string} name      as the server calls it
 * @property {string[]} chosen
 * @property {boolean} [many]   any number of them, instead of one
 * @property {string} [hint]
 * @property {string} [kind]    a further class of the boxes' row
 * @property {(values: string[]) => void} [changed]
 */

/**
 * @param {Choice[]} options
 * @param {ChoicesOptions} how
 * @returns {{node: any, values: () => string[]}}
 */
export function choices(options, { legend, name, chosen, many = false, hint, kind = "", changed }) {
  const group = uid("choice");
  const boxes = options.map((one) => ({
    input: h("input", {
      type: many ? "checkbox" : "radio",
      name: group,
      value: one.value,
      checked: chosen.includes(one.value),
    }),
    one,
  }));
  const values = () => boxes.filter((box) => box.input.checked).map((box) => box.one.value);
  const error = h(`p.error#${group}-error`);
  const node = h(
    "fieldset.field",
    { dataset: { name }, "aria-describedby": `${group}-hint` },
    h("legend", legend),
    h(
      "div.choices",
      { class: kind },
      boxes.map(({ input, one }) =>
        h(
          "label.choice",
          input,
          h("span", h("strong", one.label), one.hint && h("span.quiet.small", one.hint)),
        ),
      ),
    ),
    h(`p.hint#${group}-hint`, hint ?? ""),
    error,
  );
  node.addEventListener("change", () => {
    error.replaceChildren();
    changed?.(values());
  });
  return { node, values };
}

/**
 * A single yes or no.
 * @param {string} label
 * @param {boolean} checked
 * @param {string} [hint]
 */
export function check(label, checked, hint) {
  const id = uid("check");
  const input = h("input", { type: "checkbox", checked, id, "aria-describedby": hint ? `${id}-hint` : null });
  const node = h(
    "div.field",
    h("label.check", { for: id }, input, label),
    hint && h(`p.hint#${id}-hint`, hint),
  );
  return { node, input };
}
