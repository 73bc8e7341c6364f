// @ts-check
// Shows what the server says of itself, and an example that works on this address.

/** @typedef {import("./client/types.d.ts").Http.AboutReply} About */

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`about.html has no #${id}`);
  return found;
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} children  strings become text
 */
function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * @param {string} text
 * @param {boolean} up
 */
function pill(text, up) {
  return make("li", "", make("span", up ? "pill" : "pill down", `${text}: ${up ? "up" : "down"}`));
}

async function showStatus() {
  try {
    // 503 with the same body while something is down.
    const response = await fetch("/ready");
    /** @type {import("./client/types.d.ts").Http.ReadyReply} */
    const { checks } = await response.json();
    const stores = Object.entries(checks).map(([name, up]) => pill(name, up));
    element("status").replaceChildren(pill("server", true), ...stores);
  } catch {
    element("status").replaceChildren(pill("server", false));
  }
}

/** @param {About} about */
function factsOf({ version, environment, clockSpeed, payments, turn }) {
  return [
    `Version ${version}, ${environment}.`,
    clockSpeed === 1 ? "" : `The clock of calls runs ${clockSpeed} times as fast as yours.`,
    payments.gateway === "stripe" ? "Payments go to Stripe." : "Payments go to the sandbox: no money moves.",
    turn ? "Calls that find no direct way are relayed." : "There is no relay: calls need a direct way.",
  ].filter(Boolean).join(" ");
}

/** @param {NonNullable<About["demo"]>} demo */
function showDemo({ password, accounts }) {
  element("password").textContent = password;
  element("accounts").replaceChildren(...accounts.map(({ email, name, role }) =>
    make("tr", "", make("td", "", make("code", "", email)), make("td", "", `${name}, ${role}`))));
  element("example").textContent = [
    `curl -s ${location.origin}/api/auth/login \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify({ email: accounts[0]?.email ?? "", password })}'`,
  ].join("\n");
  element("demo").hidden = accounts.length === 0;
}

async function showAbout() {
  const response = await fetch("/api/about");
  if (!response.ok) return;
  /** @type {About} */
  const about = await response.json();
  element("facts").textContent = factsOf(about);
  if (about.demo) showDemo(about.demo);
}

await Promise.all([showStatus(), showAbout().catch(() => undefined)]);
