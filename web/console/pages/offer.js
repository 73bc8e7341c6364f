// @ts-check
// One session type: made, changed, archived and offered again.
import { blank, offerForm } from "../business/offer-form.js";
import { subNav } from "../calendar/sub-nav.js";
import { confirm } from "../dialog.js";
import { h, redraw } from "../dom.js";
import { icon } from "../icons.js";
import { toast, toastTrouble } from "../toast.js";
import { offerName } from "../business/offer-name.js";

/** @typedef {import("../business/offer-form.js").Offer} Offer */

const LIST = "/calendar/offers";

/**
 * @param {import("../main.js").App} app
 * @param {Offer} offer
 */
async function archive(app, offer) {
  const sure = await confirm({
    title: `Offer “${offerName(offer)}” no longer?`,
    body: "Nobody can book it any more. What is booked takes place, and you can offer it again later.",
    yes: "Archive it",
    danger: true,
  });
  if (!sure) return;
  try {
    await app.rapport.api.delete(`/api/session-types/${offer.sessionTypeId}`);
    toast(`“${offerName(offer)}” is not offered any more.`);
    app.navigate(LIST);
  } catch (error) {
    toastTrouble(error);
  }
}

/** @param {import("../main.js").App} app @param {Offer} offer */
async function restore(app, offer) {
  try {
    await app.rapport.api.post(`/api/session-types/${offer.sessionTypeId}/restore`);
    toast(`“${offerName(offer)}” is offered again.`, { kind: "good" });
    app.navigate(LIST);
  } catch (error) {
    toastTrouble(error);
  }
}

/** @param {import("../router.js").Context} context */
export async function offerPage({ app, rapport, params, query }) {
  const { api } = rapport;
  if (!app.me.value) await app.readMe();
  const fresh = params.sessionTypeId === "new";
  const { currency } = app.me.value.coach.ratePerMinute;
  const place = h("section.page.narrow");

  /** @param {any} offer */
  const show = (offer) => {
    const title = fresh ? "New session type" : offerName(offer);
    const beside = fresh
      ? []
      : [
          offer.archived
            ? h(
                "button.button",
                { type: "button", onclick: () => void restore(app, offer) },
                "Offer it again",
              )
            : h(
                "button.button.danger.quiet",
                { type: "button", onclick: () => void archive(app, offer) },
                "Archive",
              ),
        ];
    const made = offerForm(app, {
      offer,
      beside,
      saved: (next) => {
        toast(fresh ? "It can be booked now, where your time is free." : "Saved.", { kind: "good" });
        if (fresh) app.navigate(LIST);
        else show(next);
      },
      stale: async (error) => {
        toastTrouble(error);
        show(await api.get(`/api/session-types/${offer.sessionTypeId}`));
      },
    });
    redraw(
      place,
      subNav(LIST),
      h("a.back", { href: LIST }, icon("left"), "Session types"),
      h(
        "header.page-head",
        h("div", h("h1", title), !fresh && h("p", "What is booked already stays as it was booked.")),
      ),
      made.node,
    );
    return title;
  };
  const format = query.get("format") === "group" ? "group" : "one_to_one";
  const offer = fresh
    ? { ...blank(currency), format }
    : await api.get(`/api/session-types/${params.sessionTypeId}`);
  return { title: show(offer), node: place };
}
