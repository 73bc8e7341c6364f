// @ts-check
// By which ways one is told, by what it is about. The page itself always tells.
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { toast, toastTrouble } from "../toast.js";

/**
 * @typedef {"calls" | "bookings" | "reminders" | "payments" | "people"} Category
 * @typedef {"email" | "sms"} Way
 * @typedef {{[category in Category]: {[way in Way]: boolean}}} Preferences  of GET /api/notifications/preferences
 */

/** @type {[Category, string, string][]} */
const CATEGORIES = [
  ["bookings", "Bookings", "Asked for, confirmed, moved, cancelled."],
  ["reminders", "Reminders", "Before a session begins."],
  ["payments", "Payments", "Money that goes back, a payment that failed."],
  ["people", "Connections", "Who asks to connect, and who accepted."],
  ["calls", "Live calls", "Calls that you missed."],
];
/** @type {[Way, string][]} */
const WAYS = [
  ["email", "E-mail"],
  ["sms", "Text message"],
];

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function preferencesPage(ctx) {
  const { api } = ctx.rapport;
  const address = "/api/notifications/preferences";
  /** @type {Preferences} */
  let chosen = await api.get(address);
  const me = ctx.app.me.value ?? (await api.get("/api/users/me"));
  const rows = h("tbody");

  /** @param {Category} category @param {Way} way @param {any} box */
  const choose = async (category, way, box) => {
    const wish = { ...chosen[category], [way]: box.checked };
    box.disabled = true;
    try {
      chosen = await api.put(address, { [category]: wish });
      toast("Saved.", { kind: "good" });
    } catch (error) {
      toastTrouble(error);
    }
    box.disabled = false;
    box.checked = chosen[category][way];
    box.focus();
  };
  /** @param {Category} category @param {string} name */
  const boxes = (category, name) =>
    WAYS.map(([way, words]) => {
      const box = h("input", {
        type: "checkbox",
        checked: chosen[category][way],
        ariaLabel: `${name} by ${words.toLowerCase()}`,
      });
      box.addEventListener("change", () => void choose(category, way, box));
      return h("td", h("label.check.bare", box));
    });
  replace(
    rows,
    CATEGORIES.map(([category, name, text]) =>
      h(
        "tr",
        h("th", { scope: "row" }, h("strong.block", name), h("span.quiet.small", text)),
        boxes(category, name),
      ),
    ),
  );
  const sandbox = ctx.app.about.payments.sandboxUrl;
  const node = h(
    "section.page.narrow",
    h("a.back", { href: "/notifications" }, icon("left"), "Notifications"),
    h(
      "header.page-head",
      h("div", h("h1", "How you are told"), h("p", "Open windows of this console always tell, at once.")),
    ),
    h(
      "div.card",
      h(
        "table.preferences",
        h(
          "thead",
          h(
            "tr",
            h("th", { scope: "col" }, h("span.visually-hidden", "About")),
            WAYS.map(([, words]) => h("th", { scope: "col" }, words)),
          ),
        ),
        rows,
      ),
    ),
    h(
      "div.stack.tight.quiet.small",
      h("p", `Mail goes to ${me.email}${me.emailVerified ? "" : ", once the address is verified"}.`),
      !me.phone &&
        h("p", "For text messages, ", h("a", { href: "/profile" }, "give a telephone number"), "."),
      sandbox &&
        h(
          "p",
          "This server sends no real mail: ",
          h("a", { href: `${sandbox}/mailbox`, target: "_blank", rel: "noopener" }, "open the mailbox"),
          ".",
        ),
    ),
  );
  return { title: "How you are told", node };
}
