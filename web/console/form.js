// @ts-check
// Forms: a label, a hint and the place of an error for each field; what the server refuses is said where it is.
import { h, replace, uid } from "./dom.js";
import { icon } from "./icons.js";
import { explain } from "./words.js";

/**
 * @typedef {object} FieldOptions
 * @property {string} label
 * @property {string} name      as the server calls it, with dots: "coach.headline"
 * @property {string} [hint]
 * @property {string} [wrong]   what to say when the server refuses it; its own words if left out
 * @property {any} [control]    an input, select or textarea made elsewhere
 * @property {Node} [after]     stands below the control
 * @property {{[name: string]: any}} [input]  attributes of the input
 */

/**
 * A labelled control.
 * @param {FieldOptions} options
 * @returns {any} the element; its control is `.querySelector("[name]")`
 */
export function field({ label, name, hint, wrong, control, after, input = {} }) {
  const id = uid("field");
  const element = control ?? h("input", { type: "text", ...input });
  element.id = id;
  element.name = name;
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  element.setAttribute("aria-describedby", described);
  const error = h(`p.error#${id}-error`);
  const node = h(
    "div.field",
    { dataset: { name, wrong: wrong ?? "" } },
    h("label", { for: id }, label),
    element,
    hint && h(`p.hint#${id}-hint`, hint),
    error,
    after,
  );
  element.addEventListener("input", () => clearError(node));
  return node;
}

/** @param {HTMLElement} node */
function clearError(node) {
  node.querySelector("[name]")?.removeAttribute("aria-invalid");
  node.querySelector(".error")?.replaceChildren();
}

/**
 * Say at a field what is wrong with it.
 * @param {HTMLElement} node
 * @param {string} text
 */
function setError(node, text) {
  node.querySelector("[name]")?.setAttribute("aria-invalid", "true");
  const place = node.querySelector(".error");
  if (place) replace(place, icon("warn"), h("span", text));
}

/** @param {string} text  "String should have at least 10 characters" */
function sentence(text) {
  const own = text.replace(/^Value error, /, "").replace(/^String should/, "This should");
  return own.charAt(0).toUpperCase() + own.slice(1) + (/[.!?]$/.test(own) ? "" : ".");
}

/**
 * The fields that a refusal names.
 * @param {unknown} error
 * @returns {{path: string, problem?: string, words?: string}[]}  `words`: to be said just so
 */
function fieldsOf(error) {
  const fields = /** @type {any} */ (error)?.details?.fields;
  return Array.isArray(fields) ? fields : [];
}

/**
 * A form that sends itself by script. While it is under way its button is busy; a refusal is shown at the fields that it
 * names, all else above the button.
 * @param {object} options
 * @param {any[]} options.content
 * @param {string} options.submit  the words on the button
 * @param {string} [options.label]
 * @param {() => Promise<void>} options.send
 * @param {(error: any) => string | null} [options.fieldOf]  the name of the field that an error without one belongs to
 * @param {any[]} [options.beside]  further buttons
 * @param {boolean} [options.wide]
 */
export function form({ content, submit, label, send, fieldOf = () => null, beside = [], wide = false }) {
  const problem = h("div", { role: "alert" });
  const button = h("button.button.primary", { type: "submit", class: wide ? "wide" : "" }, submit);
  const node = h(
    "form.stack",
    { novalidate: true, ariaLabel: label },
    content,
    problem,
    h("div.row", button, beside),
  );

  /** @param {any} error */
  function showError(error) {
    const named = fieldsOf(error);
    const own = fieldOf(error);
    if (own) named.push({ path: own, words: explain(error).text });
    const marked = named.map((one) => markField(node, one)).filter(Boolean);
    if (marked.length > 0) return /** @type {HTMLElement} */ (marked[0]).focus();
    const { title, text, action } = explain(error);
    replace(
      problem,
      h(
        "div.banner.bad",
        icon("warn"),
        h("p", h("strong", `${title}. `), text),
        action?.href && h("a.button.small", { href: action.href }, action.label),
      ),
    );
  }

  node.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (button.disabled || !checkHere(node)) return;
    replace(problem);
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await send();
    } catch (error) {
      showError(error);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });
  return { node, showError, button };
}

/**
 * What the browser itself sees wrong, said in our place for it. True if all is well.
 * @param {HTMLFormElement} node
 */
function checkHere(node) {
  /** @type {HTMLElement | null} */
  let first = null;
  for (const one of /** @type {NodeListOf<HTMLElement>} */ (node.querySelectorAll(".field"))) {
    const control = /** @type {HTMLInputElement | null} */ (one.querySelector("[name]"));
    if (!control?.willValidate || control.validity.valid) continue;
    const text = control.validity.valueMissing
      ? "Please fill this in."
      : one.dataset.wrong || control.validationMessage;
    setError(one, text);
    first ??= control;
  }
  first?.focus();
  return first === null;
}

/**
 * @param {HTMLElement} node
 * @param {{path: string, problem?: string, words?: string}} wrong
 * @returns {HTMLElement | null} the control
 */
function markField(node, { path, problem, words }) {
  const fields = /** @type {HTMLElement[]} */ ([...node.querySelectorAll(".field")]);
  // "coach.expertise.3" belongs to the field "coach.expertise".
  const found = fields.find((one) => path === one.dataset.name || path.startsWith(`${one.dataset.name}.`));
  if (!found) return null;
  setError(found, words ?? (found.dataset.wrong || sentence(problem ?? "This is not right")));
  return found.querySelector("[name]");
}

/**
 * A select from pairs of value and words.
 * @param {[string, string][]} options
 * @param {string} value
 * @param {{[name: string]: any}} [attributes]
 */
export function select(options, value, attributes = {}) {
  return h(
    "select",
    { ...attributes, value },
    options.map(([one, words]) => h("option", { value: one }, words)),
  );
}
