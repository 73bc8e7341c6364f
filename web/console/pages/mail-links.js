// @ts-check
// What links in mails lead to: /verify-email, /reset-password; and /forgot-password, which has one sent.
import { h, replace } from "../dom.js";
import { field, form } from "../form.js";
import { icon } from "../icons.js";
import { explain } from "../words.js";

/** @typedef {import("../router.js").Context} Context */
/** @typedef {import("../router.js").Page} Page */

const PASSWORD_MIN = 10;

/** @param {string} title @param {...any} content @returns {Page} */
function page(title, ...content) {
  return { title, node: h("section.page.tight-page", h("div.card.stack", h("h1", title), ...content)) };
}

/** Where mails of a server without a real post office are read. @param {Context} ctx */
export function mailboxLink(ctx) {
  const { sandboxUrl } = ctx.app.about.payments;
  if (!sandboxUrl) return null;
  return h(
    "p.quiet.small",
    "This server sends no real mail: ",
    h("a", { href: `${sandboxUrl}/mailbox`, target: "_blank", rel: "noopener" }, "open the mailbox"),
    ".",
  );
}

/** @param {unknown} error */
function refused(error) {
  const { title, text } = explain(error);
  return h("div.banner.bad", { role: "alert" }, icon("warn"), h("p", h("strong", `${title}. `), text));
}

/** @param {any} node */
function value(node) {
  return node.querySelector("[name]").value;
}

/** @param {Context} ctx @returns {Promise<Page>} */
export async function verifyEmailPage(ctx) {
  const token = ctx.query.get("token") ?? "";
  const place = h("div.stack");
  const verify = async () => {
    const { email } = await ctx.rapport.api.post("/api/auth/verify-email", { token });
    if (ctx.app.user.value) await ctx.app.readMe().catch(() => {});
    replace(
      place,
      h(
        "p.with-icon",
        { role: "status" },
        icon("check"),
        h("span", h("strong", email), " is verified. Thank you."),
      ),
      h("a.button.primary", { href: "/" }, "Go on"),
    );
  };
  // A click, not the mere look at a link: programs that look through mails open links, too.
  const made = form({
    label: "Verify",
    submit: "Verify this address",
    content: [],
    send: verify,
    wide: true,
  });
  replace(
    place,
    h("p", "One click, and coaches can be booked and called with this account."),
    token ? made.node : refused({ code: "LINK_INVALID" }),
  );
  return page("Verify your address", place);
}

/** @param {Context} ctx @returns {Promise<Page>} */
export async function forgotPasswordPage(ctx) {
  const email = field({
    label: "E-mail address",
    name: "email",
    wrong: "This is not an e-mail address.",
    input: {
      type: "email",
      autocomplete: "username",
      inputmode: "email",
      required: true,
      autocapitalize: "none",
      spellcheck: "false",
    },
  });
  const place = h("div.stack");
  const send = async () => {
    await ctx.rapport.api.post("/api/auth/forgot-password", { email: value(email) });
    replace(
      place,
      h(
        "p",
        { role: "status" },
        "If there is an account with this address, a mail with a link is on its way.",
      ),
      mailboxLink(ctx),
      h("a.button", { href: "/sign-in" }, "Back to signing in"),
    );
  };
  replace(
    place,
    h("p.quiet", "You get a link by mail, with which you choose a new password."),
    form({ label: "Forgotten password", submit: "Send the link", wide: true, content: [email], send }).node,
    h("p.small", h("a", { href: "/sign-in" }, "Back to signing in")),
  );
  return page("Forgot your password?", place);
}

/** @param {Context} ctx @returns {Promise<Page>} */
export async function resetPasswordPage(ctx) {
  const token = ctx.query.get("token") ?? "";
  const password = field({
    label: "New password",
    name: "password",
    hint: `At least ${PASSWORD_MIN} characters. Long beats complicated.`,
    wrong: `At least ${PASSWORD_MIN} characters, please.`,
    input: {
      type: "password",
      autocomplete: "new-password",
      required: true,
      minlength: PASSWORD_MIN,
      maxlength: 200,
    },
  });
  const place = h("div.stack");
  const send = async () => {
    await ctx.rapport.api.post("/api/auth/reset-password", { token, password: value(password) });
    replace(
      place,
      h(
        "p",
        { role: "status" },
        "Your new password counts from now on. Wherever you were signed in, you are asked for it.",
      ),
      h("a.button.primary", { href: "/sign-in" }, "Sign in"),
    );
  };
  const again = h("a.button", { href: "/forgot-password" }, "Have another link sent");
  replace(
    place,
    token
      ? form({
          label: "New password",
          submit: "Set the password",
          wide: true,
          content: [password],
          send,
          beside: [],
        }).node
      : refused({ code: "LINK_INVALID" }),
    !token && again,
  );
  return page("Choose a new password", place);
}
