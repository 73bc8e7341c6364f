// @ts-check
// Notes that nobody else reads: kept by themselves a moment after one stops typing.
import { h, uid } from "../dom.js";
import { explain } from "../words.js";

const PAUSE_MS = 800;
const MAX = 10_000;

/**
 * @param {import("../main.js").App} app
 * @param {string} bookingId
 * @param {string} notes
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function notesField(app, bookingId, notes) {
  const id = uid("notes");
  const state = h("span.quiet.small", { role: "status" });
  const text = h(`textarea#${id}`, { rows: 5, maxlength: MAX, value: notes });
  let kept = notes;
  let timer = 0;
  let saving = Promise.resolve();
  const save = async () => {
    const now = text.value;
    if (now === kept) return;
    state.textContent = "Saving…";
    try {
      await app.rapport.api.put(`/api/sessions/${bookingId}/notes`, { notes: now });
      kept = now;
      state.textContent = text.value === now ? "Saved" : "";
    } catch (error) {
      state.textContent = `Not saved: ${explain(error).title}`;
    }
  };
  const later = () => {
    clearTimeout(timer);
    state.textContent = "";
    timer = window.setTimeout(() => (saving = saving.then(save)), PAUSE_MS);
  };
  text.addEventListener("input", later);
  text.addEventListener("blur", () => {
    clearTimeout(timer);
    saving = saving.then(save);
  });
  const node = h(
    "div.field.notes-field",
    h("div.row.between", h("label", { for: id }, "Your notes"), state),
    text,
    h("p.hint", "Only you can read them."),
  );
  return {
    node,
    stop() {
      clearTimeout(timer);
      saving = saving.then(save);
    },
  };
}
