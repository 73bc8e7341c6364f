// @ts-check
// What a person was told: newest first, new ones as they come, read and unread.
import { h, redrawList, replace } from "../dom.js";
import { relative, when } from "../format.js";
import { icon } from "../icons.js";
import { Paging } from "../paging.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { told } from "../words.js";

/**
 * @typedef {object} Item  of GET /api/notifications
 * @property {string} id
 * @property {string} kind
 * @property {{[name: string]: string}} params
 * @property {string} createdAt
 * @property {string} [readAt]
 */

const PAGE = 20;

/**
 * @param {Item} item
 * @param {(item: Item) => void} read
 */
function line(item, read) {
  const { icon: name, title, text, href } = told(item);
  const unread = !item.readAt;
  const content = [
    h("span.note-icon", icon(name)),
    h(
      "span.grow",
      h("strong.block", unread && h("span.visually-hidden", "Unread: "), title),
      h("span.quiet.block", text),
      h(
        "time.quiet.small",
        { datetime: item.createdAt, title: when(item.createdAt) },
        relative(item.createdAt),
      ),
    ),
    unread && h("span.dot", { "aria-hidden": "true" }),
  ];
  const main = href
    ? h("a.list-item", { href, onclick: () => unread && read(item) }, content)
    : h("div.list-item", content);
  return h(
    "li.note",
    { class: unread ? "unread" : "", dataset: { id: item.id } },
    main,
    unread &&
      h(
        "button.button.quiet.small.icon-only.note-read",
        { type: "button", ariaLabel: `Mark as read: ${title}`, onclick: () => read(item) },
        icon("check"),
      ),
  );
}

function nothing() {
  return h(
    "div.empty",
    h("span.empty-icon", icon("bell")),
    h("h2", "All quiet"),
    h("p", "Bookings, missed calls and other things worth knowing appear here, at once."),
  );
}

/** The list as it grows at both ends. */
class NotificationList {
  #app;
  #shown;
  #list = h("ul.list", { ariaLabel: "Notifications" });
  #card = h("div.card.flush", this.#list);
  #more = h("button.button", { type: "button", onclick: () => void this.#showMore() }, "Show more");
  #foot = h("div.row.centre", this.#more);

  /** @param {import("../main.js").App} app */
  constructor(app) {
    this.#app = app;
    this.#shown = new Paging((cursor) => this.#read(cursor), (/** @type {Item} */ item) => item.id);
  }

  get nodes() {
    return [this.#card, this.#foot];
  }

  /** One page more. */
  async next() {
    await this.#shown.next();
    this.#draw();
  }

  /** All anew. */
  async again() {
    await this.#shown.again();
    this.#draw();
  }

  /** @param {Item} item  that came just now */
  add(item) {
    this.#shown.add(item);
    this.#draw();
  }

  /** @param {string[] | null} ids  null for all */
  async mark(ids) {
    try {
      const body = ids ? { ids } : { all: true };
      const { unread } = await this.#app.rapport.api.post("/api/notifications/read", body);
      this.#app.unread.value = unread;
      const readAt = new Date().toISOString();
      this.#shown.change((item) =>
        !ids || ids.includes(item.id) ? { ...item, readAt: item.readAt ?? readAt } : item,
      );
      this.#draw();
    } catch (error) {
      toastTrouble(error);
    }
  }

  /** @param {string | undefined} cursor */
  async #read(cursor) {
    const page = await this.#app.rapport.api.get("/api/notifications", { limit: PAGE, cursor });
    this.#app.unread.value = page.unread;
    return page;
  }

  async #showMore() {
    this.#more.disabled = true;
    await this.next().catch(toastTrouble);
    this.#more.disabled = false;
  }

  #draw() {
    const { items, more } = this.#shown;
    const none = items.length === 0;
    // A list that is taken out and put back loses the focus in it.
    if (none || !this.#card.contains(this.#list)) replace(this.#card, none ? nothing() : this.#list);
    redrawList(
      this.#list,
      items.map((item) => line(item, (one) => void this.mark([one.id]))),
    );
    this.#foot.hidden = !more;
  }
}

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function notificationsPage(ctx) {
  const { notifications } = ctx.rapport;
  const list = new NotificationList(ctx.app);
  const readAll = h(
    "button.button.small",
    { type: "button", onclick: () => void list.mark(null) },
    icon("check"),
    "Mark all as read",
  );
  const kept = bag();
  kept.add(
    ctx.app.unread.subscribe((count) => (readAll.disabled = count === 0)),
    notifications.on("notification", (/** @type {Item} */ item) => list.add(item)),
    notifications.on("reload", ({ first }) => first || void list.again().catch(toastTrouble)),
  );
  try {
    await list.next();
  } catch (error) {
    kept.dispose();
    throw error;
  }
  // What was shown need not be told again to this device; if that is lost, it is.
  notifications.acknowledge().catch(() => {});
  const lead = h("p", "What happened while you were away, and now.");
  const ways = h("a.button.small.quiet", { href: "/preferences" }, "How you are told");
  const head = h(
    "header.page-head",
    h("div", h("h1", "Notifications"), lead),
    h("div.row.tight", ways, readAll),
  );
  const node = h("section.page.narrow", head, list.nodes);
  return { title: "Notifications", node, dispose: kept.dispose };
}
