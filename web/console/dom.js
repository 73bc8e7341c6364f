// @ts-check
// Elements from plain calls. Text stays text: nothing here, or anywhere in the console, parses HTML.

/**
 * @typedef {Node | string | number | null | undefined | false} Single
 * @typedef {Single | Array<Single | Single[]>} Child
 * @typedef {{[name: string]: any}} Props  listeners begin with "on"; `ariaLabel` and `aria-label` are the same
 */

const SVG = "http://www.w3.org/2000/svg";
/** Properties that an attribute of the same name does not set, or not for long. */
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "srcObject", "muted", "indeterminate"]);

/** @param {string} selector "tag.class1.class2#id" */
function parse(selector) {
  const [head, id] = selector.split("#");
  const [tag, ...classes] = head.split(".");
  return { tag: tag || "div", classes, id };
}

/** @param {string} name */
function attributeName(name) {
  return name.startsWith("aria") && !name.includes("-") ? `aria-${name.slice(4).toLowerCase()}` : name;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {any} value
 */
function set(element, name, value) {
  if (value === undefined || value === null) return;
  if (name.startsWith("on") && typeof value === "function") {
    element.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === "dataset") {
    Object.assign(/** @type {HTMLElement} */ (element).dataset, value);
  } else if (name === "class") {
    element.classList.add(...String(value).split(/\s+/).filter(Boolean));
  } else if (PROPERTIES.has(name)) {
    /** @type {any} */ (element)[name] = value;
  } else if (typeof value === "boolean" && !name.startsWith("aria")) {
    element.toggleAttribute(name, value);
  } else {
    element.setAttribute(attributeName(name), String(value));
  }
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  return /** @type {Single[]} */ (children.flat(3))
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}

/**
 * Split what was passed after the selector: properties are optional.
 * @param {(Props | Child)[]} rest
 * @returns {{props: Props, children: Child[]}}
 */
function split(rest) {
  const [first, ...others] = rest;
  const isProps =
    first !== null && typeof first === "object" && !(first instanceof Node) && !Array.isArray(first);
  return isProps
    ? { props: /** @type {Props} */ (first), children: /** @type {Child[]} */ (others) }
    : { props: {}, children: /** @type {Child[]} */ (rest) };
}

/**
 * An HTML element: `h("button.primary", {type: "button", onclick: run}, "Go")`. `null`, `undefined` and `false` are
 * skipped among children, so that a condition can stand in their place.
 * @param {string} selector
 * @param {...(Props | Child)} rest
 * @returns {any} the element; `any` so that no caller has to say which kind it just asked for
 */
export function h(selector, ...rest) {
  const { tag, classes, id } = parse(selector);
  const { props, children } = split(rest);
  const element = document.createElement(tag);
  if (classes.length) element.classList.add(...classes);
  if (id) element.id = id;
  // Children first: a select has no value before it has options.
  element.append(...nodes(children));
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  return element;
}

/**
 * An SVG element, by the same rules.
 * @param {string} selector
 * @param {...(Props | Child)} rest
 * @returns {any}
 */
export function svg(selector, ...rest) {
  const { tag, classes, id } = parse(selector);
  const { props, children } = split(rest);
  const element = document.createElementNS(SVG, tag);
  if (classes.length) element.classList.add(...classes);
  if (id) element.id = id;
  element.append(...nodes(children));
  for (const [name, value] of Object.entries(props)) set(element, name, value);
  return element;
}

/**
 * Put these children in the place of all that were there.
 * @param {Element} node
 * @param {...Child} children
 */
export function replace(node, ...children) {
  node.replaceChildren(...nodes(children));
}

/**
 * Give a page's heading the focus, so that who cannot see the page hears where they are.
 * @param {Element} node
 * @returns {boolean} whether there is one
 */
export function focusHeading(node) {
  const heading = node.querySelector("h1");
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
  return heading !== null;
}

/**
 * {@link replace} for what a page draws again while it is open: a heading that had the focus has it again.
 * @param {Element} node
 * @param {...Child} children
 */
export function redraw(node, ...children) {
  const focused = document.activeElement;
  const onHeading = focused?.matches("h1") && node.contains(focused);
  replace(node, ...children);
  if (onHeading) focusHeading(node);
}

/**
 * {@link replace} for a list that is drawn again after one of its buttons was pressed: whoever works by
 * keyboard goes on at the control that now stands in the same place.
 * @param {HTMLElement} node
 * @param {...Child} children
 */
export function redrawList(node, ...children) {
  const controls = () => /** @type {HTMLElement[]} */ ([...node.querySelectorAll("a[href], button")]);
  const at = controls().findIndex((one) => one === document.activeElement);
  replace(node, ...children);
  if (at < 0) return;
  const now = controls();
  if (now.length === 0) node.tabIndex = -1;
  (now[Math.min(at, now.length - 1)] ?? node).focus({ preventScroll: true });
}

let ids = 0;
/** An id that nothing else in this page has. @param {string} [prefix] */
export function uid(prefix = "u") {
  ids += 1;
  return `${prefix}-${ids}`;
}
