// @ts-check
// 3-D Secure: the bank wants to see the owner of the card, on a page of its own in a new tab.
import { h } from "../dom.js";
import { icon } from "../icons.js";

/**
 * The page on which the bank asks; null with real Stripe, whose page needs Stripe's own form (it comes with
 * checkout).
 * @param {import("../main.js").App} app
 * @param {string} clientSecret
 */
function bankPage(app, clientSecret) {
  const { sandboxUrl } = app.about.payments;
  if (!sandboxUrl) return null;
  const [intent] = clientSecret.split("_secret_");
  const query = new URLSearchParams({ client_secret: clientSecret });
  return `${sandboxUrl}/_sandbox/3ds/${encodeURIComponent(intent)}?${query}`;
}

/**
 * The way to the bank, and back: whenever this tab is looked at again, `look` asks what became of it.
 * @param {import("../main.js").App} app
 * @param {string} clientSecret
 * @param {() => Promise<unknown>} look
 * @param {string} [then]  what happens by itself afterwards
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function bankStep(app, clientSecret, look, then = "the call goes on by itself") {
  const href = bankPage(app, clientSecret);
  if (!href) {
    const text =
      "This bank wants to confirm on a page of the payment gateway, which this console does not have yet. " +
      "Please take another card.";
    return { node: h("p.banner.warn", text), stop: () => {} };
  }
  let asking = false;
  const onLook = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      await look();
    } catch {
      // Not done yet, or done already: the call itself tells what came of it.
    } finally {
      asking = false;
    }
  };
  window.addEventListener("focus", onLook);
  document.addEventListener("visibilitychange", onLook);
  const node = h(
    "div.stack",
    h(
      "a.button.primary.big",
      { href, target: "_blank", rel: "noopener" },
      "Open the bank's page",
      icon("external"),
    ),
    h("p.quiet.small", `It opens in a new tab. Come back here when you are done: ${then}.`),
  );
  return {
    node,
    stop() {
      window.removeEventListener("focus", onLook);
      document.removeEventListener("visibilitychange", onLook);
    },
  };
}
