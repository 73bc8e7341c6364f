// @ts-check
// A form in a dialog: it stays open while something is wrong, and says so; it closes when it was sent, and when what it
// was to change is not any more what it showed.
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";
import { form } from "./form.js";
import { toastTrouble } from "./toast.js";

/**
 * @param {object} options
 * @param {string} options.title
 * @param {any[]} options.content
 * @param {string} options.submit
 * @param {() => Promise<void>} options.send
 * @param {(error: any) => string | null} [options.fieldOf]
 * @param {any[]} [options.lead]   stands above the form
 * @param {{label: string, run: () => Promise<void>}[]} [options.also]  other ways out, such as to delete
 * @param {string} [options.kind]
 * @param {boolean} [options.danger]  what is sent cannot be taken back
 * @param {string} [options.dismiss]   the words for doing nothing
 * @returns {Promise<boolean>}  whether what is shown is to be read anew
 */
export async function formDialog({ title, content, submit, send, fieldOf, lead = [], also = [], ...looks }) {
  const { kind, danger = false, dismiss = "Cancel" } = looks;
  /** @type {(value: boolean | null) => void} */
  let close = () => {};
  /** @param {() => Promise<void>} work */
  const sending = async (work) => {
    try {
      await work();
    } catch (error) {
      if (/** @type {any} */ (error)?.code !== "VERSION_MISMATCH") throw error;
      toastTrouble(error);
    }
    close(true);
  };
  const others = also.map(({ label, run }) => {
    const button = h("button.button.danger.quiet", { type: "button" }, label);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await sending(run);
      } catch (error) {
        made.showError(error);
      } finally {
        button.disabled = false;
      }
    });
    return button;
  });
  const made = form({
    label: title,
    content,
    submit,
    fieldOf,
    send: () => sending(send),
    beside: [h("button.button.quiet", { type: "button", onclick: () => close(null) }, dismiss), ...others],
  });
  if (danger) made.button.classList.replace("primary", "danger");
  const opened = openDialog({ title, body: [...lead, made.node], kind });
  close = opened.close;
  return (await opened.result) === true;
}
