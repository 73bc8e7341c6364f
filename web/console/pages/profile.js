// @ts-check
// The own profile: what others see, how to be reached, and for a coach the business.
import { avatar } from "../avatar.js";
import { h, replace } from "../dom.js";
import { field, form, select } from "../form.js";
import { country, language, minor, plain, when } from "../format.js";
import { icon } from "../icons.js";
import { toast } from "../toast.js";
import { COUNTRIES } from "../countries.js";

/**
 * @typedef {import("../router.js").Context} Context
 *
 * @typedef {object} OwnCoach
 * @property {string} headline
 * @property {string} bio
 * @property {string[]} expertise
 * @property {string[]} languages
 * @property {number} [yearsOfExperience]
 * @property {{amount: number, currency: string}} ratePerMinute
 * @property {boolean} verified
 *
 * @typedef {object} Me  GET /api/users/me
 * @property {string} userId
 * @property {string} email
 * @property {boolean} emailVerified
 * @property {string} name
 * @property {string} role
 * @property {string} [avatarUrl]
 * @property {string} [phone]
 * @property {string} timeZone
 * @property {string} billingCountry
 * @property {string} createdAt
 * @property {OwnCoach} [coach]
 */

/** @param {any} node */
function control(node) {
  return node.querySelector("[name]");
}

/** Words between commas. @param {string} text */
function listed(text) {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
}

/**
 * What of `next` differs from `before`, or null.
 * @param {{[name: string]: any}} before
 * @param {{[name: string]: any}} next
 */
function changes(before, next) {
  const found = Object.entries(next).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]),
  );
  return found.length ? Object.fromEntries(found) : null;
}

/** @param {Context} ctx @param {object | null} patch */
async function save(ctx, patch) {
  if (!patch) return toast("Nothing was changed.");
  const me = await ctx.rapport.api.patch("/api/users/me", patch);
  ctx.app.me.value = me;
  if (me.name !== ctx.app.user.value?.name) await ctx.rapport.accounts.correct({ name: me.name });
  toast("Saved.", { kind: "good" });
}

/** What this browser knows, and the present one. @param {string} present */
function zones(present) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set(["UTC", present, zone, ...Intl.supportedValuesOf("timeZone")])].filter(Boolean).sort();
}

/** @param {string[]} codes @param {(code: string) => string} words @returns {[string, string][]} */
function named(codes, words) {
  return codes
    .map((code) => /** @type {[string, string]} */ ([code, words(code)]))
    .sort((one, other) => one[1].localeCompare(other[1]));
}

/**
 * A form that sends what was changed in it.
 * @param {Context} ctx
 * @param {object} options
 * @param {string} options.label
 * @param {any[]} options.content
 * @param {() => {[name: string]: any}} options.read      what the fields say now
 * @param {(patch: object) => object} [options.wrap]      the place of these fields in a PATCH
 * @param {any[]} [options.beside]
 */
function changeForm(ctx, { label, content, read, wrap = (patch) => patch, beside = [] }) {
  let before = read();
  return form({
    label,
    submit: "Save",
    content,
    beside,
    send: async () => {
      const next = read();
      const patch = changes(before, next);
      await save(ctx, patch && wrap(patch));
      before = next;
    },
  }).node;
}

/** @param {Me} me */
function personFields(me) {
  return {
    name: field({
      label: "Name",
      name: "name",
      wrong: "1 to 80 characters, not beginning with a blank.",
      input: { value: me.name, autocomplete: "name", required: true, maxlength: 80 },
    }),
    avatarUrl: field({
      label: "Picture",
      name: "avatarUrl",
      hint: "The address of a picture on the web, beginning with https://.",
      wrong: "An address that begins with https://, please.",
      input: {
        type: "url",
        value: me.avatarUrl ?? "",
        autocomplete: "photo",
        inputmode: "url",
        placeholder: "https://",
        pattern: "https://.*",
      },
    }),
    phone: field({
      label: "Telephone",
      name: "phone",
      hint: "With the country, like +49 30 123456. Nobody else sees it.",
      wrong: "A number with its country, like +49 30 123456.",
      input: { type: "tel", value: me.phone ?? "", autocomplete: "tel" },
    }),
    timeZone: field({
      label: "Time zone",
      name: "timeZone",
      control: select(
        zones(me.timeZone).map((one) => [one, one.replaceAll("_", " ")]),
        me.timeZone,
      ),
    }),
    billingCountry: field({
      label: "Country for tax",
      name: "billingCountry",
      hint: "Where you live. Prices include its tax.",
      control: select(named(COUNTRIES, country), me.billingCountry),
    }),
  };
}

/** @param {Context} ctx @param {Me} me */
function personForm(ctx, me) {
  const fields = personFields(me);
  const picture = h("span");
  const drawPicture = () =>
    replace(picture, avatar(control(fields.name).value, control(fields.avatarUrl).value, "big"));
  for (const one of [fields.name, fields.avatarUrl]) control(one).addEventListener("change", drawPicture);
  drawPicture();
  const node = changeForm(ctx, {
    label: "You",
    content: [
      h("div.row.fixed", picture, h("div.grow", fields.name)),
      fields.avatarUrl,
      fields.phone,
      h("div.field-group", fields.timeZone, fields.billingCountry),
    ],
    read: () => ({
      name: control(fields.name).value.trim(),
      avatarUrl: control(fields.avatarUrl).value.trim() || null,
      phone: control(fields.phone).value.replaceAll(/[\s()/-]/g, "") || null,
      timeZone: control(fields.timeZone).value,
      billingCountry: control(fields.billingCountry).value,
    }),
  });
  return h("section.card.stack", h("h2", "You"), node);
}

/** @param {OwnCoach} coach */
function numberFields(coach) {
  return {
    rate: field({
      label: `Price per minute in ${coach.ratePerMinute.currency}`,
      name: "coach.ratePerMinute",
      hint: "For calls that begin later.",
      wrong: "From 0.01 to 10,000 per minute.",
      input: {
        type: "number",
        min: "0.01",
        max: "10000",
        step: "0.01",
        inputmode: "decimal",
        required: true,
        value: plain(coach.ratePerMinute),
      },
    }),
    years: field({
      label: "Years of experience",
      name: "coach.yearsOfExperience",
      wrong: "0 to 80, please.",
      input: {
        type: "number",
        min: "0",
        max: "80",
        step: "1",
        inputmode: "numeric",
        value: coach.yearsOfExperience ?? "",
      },
    }),
  };
}

/** @param {OwnCoach} coach */
function wordFields(coach) {
  return {
    headline: field({
      label: "Headline",
      name: "coach.headline",
      hint: "One line under your name, at most 120 characters.",
      input: { value: coach.headline, maxlength: 120 },
    }),
    bio: field({
      label: "About you",
      name: "coach.bio",
      hint: "An empty line begins a new paragraph. At most 4,000 characters.",
      control: h("textarea", { rows: 7, maxlength: 4000, value: coach.bio }),
    }),
    topics: field({
      label: "Topics",
      name: "coach.expertise",
      hint: "Up to 20, with commas between them. Clients search by them.",
      wrong: "At most 20 topics of up to 60 characters.",
      input: { value: coach.expertise.join(", ") },
    }),
    languages: field({
      label: "Languages",
      name: "coach.languages",
      hint: "Codes with commas between them, like en, de.",
      wrong: "Codes of two or three small letters, like en, de.",
      input: { value: coach.languages.join(", "), autocapitalize: "none", spellcheck: "false" },
    }),
  };
}

/** The names of the languages whose codes are typed, below them. @param {any} languages  the field */
function nameLanguages(languages) {
  const names = h("p.hint");
  const draw = () => (names.textContent = listed(control(languages).value).map(language).join(", "));
  control(languages).addEventListener("input", draw);
  languages.append(names);
  draw();
}

/** @param {Context} ctx @param {Me} me @param {OwnCoach} coach */
function coachForm(ctx, me, coach) {
  const { rate, years } = numberFields(coach);
  const { headline, bio, topics, languages } = wordFields(coach);
  const { currency } = coach.ratePerMinute;
  nameLanguages(languages);
  const node = changeForm(ctx, {
    label: "Coaching",
    content: [h("div.field-group", rate, years), headline, bio, topics, languages],
    beside: [h("a.button.quiet", { href: `/coaches/${me.userId}` }, "See it as clients do")],
    wrap: (patch) => ({ coach: patch }),
    read: () => ({
      ratePerMinute: { amount: minor(Number(control(rate).value), currency), currency },
      yearsOfExperience: control(years).value === "" ? null : Number(control(years).value),
      headline: control(headline).value.trim(),
      bio: control(bio).value.trim(),
      expertise: listed(control(topics).value),
      languages: listed(control(languages).value.toLowerCase()),
    }),
  });
  const verified = coach.verified
    ? h("span.badge.good", "Verified")
    : h("span.badge.warn", "Not verified yet");
  return h("section.card.stack", h("div.row.between", h("h2", "Coaching"), verified), node);
}

/** @param {Context} ctx @param {Me} me */
function account(ctx, me) {
  const signOut = () => ctx.rapport.accounts.signOut();
  return h(
    "section.card.stack",
    h("h2", "Account"),
    h(
      "dl.facts",
      h("dt", "E-mail"),
      h("dd", me.email),
      h("dt", "Address"),
      h("dd", me.emailVerified ? h("span.badge.good", "Verified") : h("span.badge.warn", "Not verified yet")),
      h("dt", "Kind"),
      h("dd", { client: "Client", coach: "Coach", admin: "Admin" }[me.role] ?? me.role),
      h("dt", "Since"),
      h("dd", when(me.createdAt)),
    ),
    h(
      "div.row",
      h("a.button", { href: "/cards" }, icon("card"), "Cards"),
      h("a.button", { href: "/connections" }, icon("people"), "Connections"),
      h("a.button", { href: "/preferences" }, icon("bell"), "How you are told"),
      h("button.button", { type: "button", onclick: () => void signOut() }, icon("out"), "Sign out"),
    ),
  );
}

/** @param {Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function profilePage(ctx) {
  /** @type {Me} */
  const me = await ctx.rapport.api.get("/api/users/me");
  ctx.app.me.value = me;
  const node = h(
    "section.page",
    h(
      "header.page-head",
      h(
        "div",
        h("h1", "Profile"),
        h(
          "p",
          me.coach
            ? "What clients see of you, and what you charge."
            : "What a coach sees of you when you call.",
        ),
      ),
    ),
    h(
      "div.columns",
      h("div.stack.loose", personForm(ctx, me), me.coach && coachForm(ctx, me, me.coach)),
      account(ctx, me),
    ),
  );
  return { title: "Profile", node };
}
