// @ts-check
// Signing in: a demo account in one click, the own account by its form, or a new one.
import { become } from "../account-menu.js";
import { avatar } from "../avatar.js";
import { h, replace } from "../dom.js";
import { field, form, select } from "../form.js";
import { minor } from "../format.js";
import { icon } from "../icons.js";
import { LOCALES } from "../locales.js";
import { navigate, ownPath } from "../router.js";
import { toastTrouble } from "../toast.js";
import { explain } from "../words.js";

/** @typedef {import("../router.js").Context} Context */

const PASSWORD_MIN = 10;
/** What one may charge in; the server knows them too. */
const CURRENCIES = ["USD", "EUR", "GBP", "CHF", "CAD", "AUD"];

/** @type {{[role: string]: string}} */
const DEMO_WORDS = {
  client: "Calls, with a test card.",
  coach: "Goes online, takes calls.",
  admin: "Watches everything live.",
};

/** @param {Context} ctx */
function arrive(ctx) {
  navigate(ownPath(ctx.query.get("next")), { replace: true });
}

/** @param {Context} ctx */
function demoAccounts(ctx) {
  const { app } = ctx;
  const accounts = app.about.demo?.accounts ?? [];
  if (accounts.length === 0) return null;
  const enter = (/** @type {any} */ who) => async (/** @type {Event} */ event) => {
    const button = /** @type {HTMLButtonElement} */ (event.currentTarget);
    button.disabled = true;
    try {
      await become(app, who);
      arrive(ctx);
    } catch (error) {
      toastTrouble(error);
    } finally {
      button.disabled = false;
    }
  };
  return h(
    "section.stack",
    { ariaLabel: "Demo accounts" },
    h("h2", "Try it as somebody"),
    h(
      "ul.plain.demo-list",
      accounts.map((who) =>
        h(
          "li",
          h(
            "button.demo",
            { type: "button", onclick: enter(who) },
            avatar(who.name),
            h(
              "span.grow",
              h("strong.block", who.name),
              h("span.quiet.small", DEMO_WORDS[who.role] ?? who.role),
            ),
            icon("right"),
          ),
        ),
      ),
    ),
    h(
      "p.quiet.small",
      "Open a second window and be the other one there: a coach in one, a client in the other.",
    ),
  );
}

function emailField() {
  return field({
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
}

/** @param {Context} ctx */
function signInForm(ctx) {
  const email = emailField();
  const password = field({
    label: "Password",
    name: "password",
    input: { type: "password", autocomplete: "current-password", required: true },
  });
  const forgotten = h("p.small", h("a", { href: "/forgot-password" }, "Forgot your password?"));
  return form({
    label: "Sign in",
    submit: "Sign in",
    wide: true,
    content: [email, password, forgotten],
    fieldOf: (error) => (error.code === "BAD_CREDENTIALS" ? "password" : null),
    send: async () => {
      await ctx.rapport.accounts.signIn(value(email), value(password));
      arrive(ctx);
    },
  }).node;
}

/** @param {any} node */
function value(node) {
  return node.querySelector("[name]").value;
}

/** What only a coach is asked for. */
function coachFields() {
  const amount = field({
    label: "Price per minute",
    name: "ratePerMinute",
    wrong: "From 0.01 to 10,000 per minute.",
    hint: "You can change it any time; it counts for calls that begin later.",
    input: { type: "number", min: "0.01", max: "10000", step: "0.01", inputmode: "decimal", value: "2.50" },
  });
  const currency = field({
    label: "Currency",
    name: "currency",
    control: select(
      CURRENCIES.map((one) => [one, one]),
      "USD",
    ),
  });
  const node = h("div.field-group", { hidden: true }, amount, currency);
  return {
    node,
    show(/** @type {boolean} */ shown) {
      node.hidden = !shown;
      // What is hidden must not be found wanting.
      for (const control of node.querySelectorAll("[name]")) control.disabled = !shown;
    },
    read() {
      const inMajor = Number(value(amount));
      return node.hidden ? {} : { ratePerMinute: minor(inMajor, value(currency)), currency: value(currency) };
    },
  };
}

/** @param {(role: string) => void} onChoose */
function roleChoice(onChoose) {
  const choice = (/** @type {string} */ role, /** @type {string} */ title, checked = false) =>
    h(
      "label.choice",
      h("input", { type: "radio", name: "role", value: role, checked, onchange: () => onChoose(role) }),
      h("strong", title),
    );
  return h(
    "fieldset.field",
    h("legend", "I want to"),
    h("div.choices", choice("client", "Call coaches", true), choice("coach", "Be a coach")),
  );
}

/** @param {Context} ctx */
function registerForm(ctx) {
  const name = field({
    label: "Name",
    name: "name",
    hint: "As others see it in a call.",
    wrong: "1 to 80 characters, not beginning with a blank, and no invisible ones.",
    input: { autocomplete: "name", required: true, maxlength: 80 },
  });
  const email = emailField();
  const password = field({
    label: "Password",
    name: "password",
    hint: `At least ${PASSWORD_MIN} characters. Long beats complicated.`,
    wrong: `At least ${PASSWORD_MIN} characters, please.`,
    input: {
      type: "password",
      autocomplete: "new-password",
      required: true,
      minlength: PASSWORD_MIN,
      maxlength: 200,
      passwordrules: `minlength: ${PASSWORD_MIN};`,
    },
  });
  const coach = coachFields();
  const roles = roleChoice((role) => coach.show(role === "coach"));
  coach.show(false);
  return form({
    label: "Create an account",
    submit: "Create account",
    wide: true,
    content: [roles, name, email, password, coach.node],
    fieldOf: (error) => (error.code === "EMAIL_TAKEN" ? "email" : null),
    send: async () => {
      const role = roles.querySelector(":checked").value;
      await ctx.rapport.accounts.register({
        email: value(email),
        password: value(password),
        name: value(name),
        role,
        ...coach.read(),
        ...here(),
      });
      arrive(ctx);
    },
  }).node;
}

/** What the browser knows of where its person is; the server's own defaults where it knows nothing. */
function here() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const [first] = LOCALES;
  const locale = first && /^[a-z]{2,3}(-[A-Z]{2})?$/.test(first) ? first : undefined;
  const region = first && new Intl.Locale(first).region;
  return {
    ...(timeZone ? { timeZone } : {}),
    ...(locale ? { locale } : {}),
    ...(region && /^[A-Z]{2}$/.test(region) ? { billingCountry: region } : {}),
  };
}

/** @param {Context} ctx */
function forms(ctx) {
  const place = h("div");
  const tab = (/** @type {string} */ label, /** @type {() => Node} */ make) => {
    const button = h("button", { type: "button", ariaPressed: "false" }, label);
    button.addEventListener("click", () => {
      for (const one of tabs) one.setAttribute("aria-pressed", String(one === button));
      replace(place, make());
    });
    return button;
  };
  const tabs = [tab("Sign in", () => signInForm(ctx)), tab("Create account", () => registerForm(ctx))];
  tabs[ctx.query.has("new") ? 1 : 0].click();
  return h(
    "div.card.stack.sign-in-card",
    h("div.tabs.even", { role: "group", ariaLabel: "Have you an account?" }, tabs),
    place,
  );
}

/** Why somebody who was in is out. @param {Context} ctx */
function notice(ctx) {
  const code = ctx.query.get("why");
  if (!code) return null;
  const { title, text } = explain({ code });
  return h(
    "div.banner.warn",
    icon("info"),
    h("p", h("strong", `${title}. `), text, " You will be where you were."),
  );
}

/** @param {Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function signInPage(ctx) {
  const node = h(
    "section.page.sign-in",
    notice(ctx),
    h(
      "div.sign-in-columns",
      h(
        "div.stack.loose",
        h(
          "div.stack.tight",
          h("h1.display", "Talk to a coach, right now."),
          h(
            "p.lead",
            "Live video calls, paid by the second; or a session at a time that suits you both, booked in your own time zone.",
          ),
        ),
        demoAccounts(ctx),
      ),
      forms(ctx),
    ),
    h(
      "p.quiet.small.sign-in-foot",
      h("a", { href: "/about" }, "What runs here"),
      " · ",
      h("a", { href: "/docs" }, "API documents"),
    ),
  );
  return { title: "Sign in", node };
}
