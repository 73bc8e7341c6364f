// @ts-check
// /call/{sessionId}: the call itself. It belongs to `app.calls`, not to this page: leaving the page leaves
// it running.
import { stage } from "../call/stage.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { SEATED } from "../open-call.js";
import { match, navigate } from "../router.js";
import { explain } from "../words.js";

/** @typedef {import("../open-call.js").OpenCall} OpenCall */

/** @param {import("../router.js").Context} context */
export async function callPage({ app, params }) {
  const { sessionId } = params;
  const place = h("div.call-place");
  const node = h("section.page.call-page", h("h1.visually-hidden", "Call"), place);
  /** @type {{call: object, dispose: () => void} | null} */
  let shown = null;
  let drawn = "";

  /**
   * @param {string} key
   * @param {() => Node} make
   */
  const show = (key, make) => {
    if (key === drawn) return;
    shown?.dispose();
    shown = null;
    drawn = key;
    replace(place, make());
  };

  const toReceipt = () => {
    const here = match("/call/{sessionId}", location.pathname)?.sessionId === sessionId;
    if (here) navigate(`/receipts/${encodeURIComponent(sessionId)}`, { replace: true });
  };

  /** @param {OpenCall | null} current */
  const draw = (current) => {
    const mine = current?.sessionId === sessionId ? current : null;
    if (!mine) {
      // Over, or never begun: its receipt tells everything. In turn: no page is left while it is made.
      queueMicrotask(toReceipt);
      return show("waiting", () => notice("phone", "Looking for your call…", ""));
    }
    if (mine.where === "elsewhere") return show("elsewhere", () => elsewhere(app, mine));
    if (mine.trouble) return show("trouble", () => trouble(app, mine));
    const { call, devices } = mine;
    if (!call || !devices)
      return show("opening", () =>
        notice("camera", "Opening camera and microphone…", "Your browser may ask for them."),
      );
    if (shown?.call === call) return;
    show(`call ${Math.random()}`, () => {
      const made = stage(app, { call, devices, peerName: mine.peerName });
      shown = { call, dispose: made.dispose };
      return made.node;
    });
  };

  if (app.calls.current.value?.sessionId !== sessionId) await app.calls.open(sessionId);
  const stop = app.calls.current.subscribe(draw);
  const peer = app.calls.current.value?.peerName;
  return {
    title: peer ? `Call with ${peer}` : "Call",
    node,
    dispose() {
      stop();
      shown?.dispose();
    },
  };
}

/**
 * @param {string} sign
 * @param {string} title
 * @param {string} text
 * @param {...any} more
 */
function notice(sign, title, text, ...more) {
  return h(
    "div.empty.call-notice",
    h("span.empty-icon", icon(sign)),
    h("h2", title),
    text && h("p", { role: "status" }, text),
    ...more,
  );
}

/**
 * @param {import("../main.js").App} app
 * @param {OpenCall} current
 */
function elsewhere(app, current) {
  const move = h("button.button.primary.big", { type: "button" }, icon("swap"), "Move it here");
  move.addEventListener("click", () => {
    move.disabled = true;
    void app.calls.moveHere();
  });
  const seated = SEATED.has(current.state);
  return notice(
    "external",
    `Your call with ${current.peerName} is in another window`,
    seated
      ? "It goes on there. You can take it over here; the other window lets it go."
      : "It is ringing there.",
    seated && move,
  );
}

/**
 * @param {import("../main.js").App} app
 * @param {OpenCall} current
 */
function trouble(app, current) {
  const { title, text } = explain(current.trouble);
  const again = h(
    "button.button.primary.big",
    { type: "button", onclick: () => void app.calls.joinAgain() },
    "Try again",
  );
  return notice("warn", title, text, again);
}
