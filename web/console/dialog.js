// @ts-check
// Questions that want an answer before anything else, on <dialog>: focus stays inside and returns where it was.
import { h, uid } from "./dom.js";

/**
 * @template V
 * @typedef {object} Action
 * @property {string} label
 * @property {V} value  what the dialog answers with
 * @property {"primary" | "danger" | "quiet"} [kind]
 * @property {() => (boolean | void | Promise<boolean | void>)} [run]  runs before it closes; `false` keeps it open
 * @property {boolean} [disabled]
 */

/**
 * @template V
 * @typedef {object} Opened
 * @property {HTMLDialogElement} element
 * @property {Promise<V | null>} result  null when it was dismissed
 * @property {(value: V | null) => void} close
 */

/**
 * @template V
 * @param {Action<V>} action
 * @param {(value: V) => void} close
 */
function actionButton(action, close) {
  const button = h(
    `button.button.${action.kind ?? "plain"}`,
    { type: "button", disabled: action.disabled ?? false },
    action.label,
  );
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      if ((await action.run?.()) !== false) close(action.value);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  });
  return button;
}

/**
 * Open a dialog and keep a hand on it.
 * @template V
 * @param {object} options
 * @param {string} options.title
 * @param {string | Node | (string | Node)[]} [options.body]
 * @param {Action<V>[]} [options.actions]  the last one is where Enter should go
 * @param {string} [options.kind]  a further class, such as "wide"
 * @param {boolean} [options.dismissible]  whether Escape and the ground behind it close it; true if left out
 * @returns {Opened<V>}
 */
export function openDialog({ title, body = [], actions = [], kind = "", dismissible = true }) {
  const heading = uid("dialog");
  const texts = (Array.isArray(body) ? body : [body]).map((one) =>
    typeof one === "string" ? h("p", one) : one,
  );
  /** @type {(value: V | null) => void} */
  let settle = () => {};
  /** @type {Promise<V | null>} */
  const result = new Promise((resolve) => (settle = resolve));
  const before = document.activeElement;

  /** @param {V | null} value */
  const close = (value) => {
    settle(value);
    if (element.open) element.close();
    element.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
  const element = /** @type {HTMLDialogElement} */ (
    h(
      "dialog.dialog",
      { "aria-labelledby": heading, class: kind },
      h(
        "div.dialog-in",
        h(`h2#${heading}`, title),
        h("div.dialog-body.stack", texts),
        actions.length > 0 &&
          h(
            "div.dialog-actions",
            actions.map((one) => actionButton(one, close)),
          ),
      ),
    )
  );
  element.addEventListener("cancel", (event) => {
    event.preventDefault();
    if (dismissible) close(null);
  });
  // The dialog itself is hit only outside of its content: on the ground behind.
  element.addEventListener("pointerdown", (event) => {
    if (dismissible && event.target === element) close(null);
  });
  document.body.append(element);
  element.showModal();
  return { element, result, close };
}

/**
 * Ask, and wait for the answer: the chosen action's value, or null.
 * @template V
 * @param {Parameters<typeof openDialog<V>>[0]} options
 * @returns {Promise<V | null>}
 */
export function dialog(options) {
  return openDialog(options).result;
}

/**
 * Ask for a yes. `true` only if it was given.
 * @param {{title: string, body?: string | Node | (string | Node)[], yes: string, no?: string, danger?: boolean}} options
 */
export async function confirm({ title, body, yes, no = "Cancel", danger = false }) {
  const answer = await dialog({
    title,
    body,
    actions: [
      { label: no, value: false, kind: "quiet" },
      { label: yes, value: true, kind: danger ? "danger" : "primary" },
    ],
  });
  return answer === true;
}
