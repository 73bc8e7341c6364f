// @ts-check
// Who may see a coach's calendar, and the address under which other calendars read it.
import { confirm } from "../dialog.js";
import { choices } from "../choices.js";
import { h, replace, uid } from "../dom.js";
import { icon } from "../icons.js";
import { when } from "../format.js";
import { toast, toastTrouble } from "../toast.js";
import { explain } from "../words.js";

/** @typedef {import("../main.js").App} App */

const PRIVACY = [
  { value: "public", label: "Everybody", hint: "Who has an account here may see your free times and book." },
  { value: "connected", label: "My connections", hint: "Only whom you are connected with." },
  { value: "private", label: "Nobody", hint: "Nobody books for now. What is booked stays." },
];

/** @param {string} title @param {Node} body */
function settingCard(title, body) {
  return h("section.card.stack", h("h2", title), body);
}

/** @param {Element} place @param {unknown} error */
function showTrouble(place, error) {
  replace(place, h("div.banner.bad", icon("warn"), h("p", explain(error).text)));
}

/** @param {App} app */
export function privacyCard(app) {
  const { api } = app.rapport;
  const place = h("div", h("span.skeleton.line.wide"));
  /** @param {any} read */
  const draw = (read) => {
    const group = choices(PRIVACY, {
      legend: "Your free times are shown to",
      name: "privacy",
      chosen: [read.privacy],
      kind: "lines",
      changed: async ([privacy]) => {
        try {
          draw(await api.put("/api/calendar/privacy", { privacy }));
          place.querySelector("input:checked")?.focus();
          toast("Saved.", { kind: "good" });
        } catch (error) {
          toastTrouble(error);
          void load();
        }
      },
    });
    replace(place, group.node);
  };
  const load = async () => {
    try {
      draw(await api.get("/api/calendar/privacy"));
    } catch (error) {
      showTrouble(place, error);
    }
  };
  return { node: settingCard("Who may book", place), load };
}

/** An address that is shown once. @param {string} url */
function shownOnce(url) {
  const id = uid("feed");
  const input = h(`input.input#${id}`, { readonly: true, value: url, onfocus: () => input.select() });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(url);
      toast("Copied.", { kind: "good" });
    } catch {
      // Without a secure context there is no clipboard: the address is marked, to be copied by hand.
      input.focus();
    }
  };
  return h(
    "div.field",
    h("label", { for: id }, "Address of your calendar"),
    h("div.secret", input, h("button.button", { type: "button", onclick: copy }, "Copy")),
    h("p.hint", "It is shown only now. Whoever knows it can read your bookings, so keep it to yourself."),
  );
}

const REPLACE = {
  title: "Make a new address?",
  body: "The present one stops working at once, wherever you have put it.",
  yes: "Make a new one",
};
const REMOVE = {
  title: "Take the address away?",
  body: "Calendars that read it show nothing new any more.",
  yes: "Take it away",
  danger: true,
};

/**
 * The address is a secret, and shown once: the server keeps only a digest of it.
 * @param {App} app
 */
export function feedCard(app) {
  const { api } = app.rapport;
  const place = h("div.stack", h("span.skeleton.line.wide"));

  /** @param {any} feed  null if there is none @param {string} [url] */
  function draw(feed, url) {
    const make = async () => {
      if (!feed || (await confirm(REPLACE))) await ask(() => api.post("/api/calendar/feed"));
    };
    const remove = async () => {
      if (await confirm(REMOVE)) await ask(() => api.delete("/api/calendar/feed"));
    };
    const words = feed ? "New address" : "Make an address";
    replace(
      place,
      h(
        "p.quiet.small",
        "Apple, Google and other calendars can follow your bookings by a secret address (iCalendar).",
      ),
      url && shownOnce(url),
      feed && !url && h("p.small", `There is an address since ${when(feed.createdAt)}.`),
      h(
        "div.row",
        h("button.button.small", { type: "button", onclick: make }, icon("link"), words),
        feed && h("button.button.danger.quiet.small", { type: "button", onclick: remove }, "Take away"),
      ),
    );
  }

  /** @param {() => Promise<any>} work */
  async function ask(work) {
    try {
      const made = await work();
      draw(made, made ? new URL(made.path, location.origin).href : undefined);
    } catch (error) {
      toastTrouble(error);
    }
  }

  const load = async () => {
    try {
      const feed = await api.get("/api/calendar/feed");
      draw(feed.active ? feed : null);
    } catch (error) {
      showTrouble(place, error);
    }
  };
  return { node: settingCard("In your own calendar", place), load };
}
