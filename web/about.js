// @ts-check
// Shows what the server says of itself, and an example that works on this address.

/** @param {string} id */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`about.html has no #${id}`);
  return found;
}

/**
 * @param {string} text
 * @param {boolean} up
 */
function pill(text, up) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.className = up ? "pill" : "pill down";
  label.textContent = `${text}: ${up ? "up" : "down"}`;
  item.append(label);
  return item;
}

async function showStatus() {
  try {
    const response = await fetch("/ready");
    /** @type {{checks: Record<string, boolean>}} */
    const { checks } = await response.json();
    const stores = Object.entries(checks).map(([name, up]) => pill(name, up));
    element("status").replaceChildren(pill("server", true), ...stores);
  } catch {
    element("status").replaceChildren(pill("server", false));
  }
}

element("example").textContent = [
  `curl -s ${location.origin}/api/auth/login \\`,
  `  -H 'Content-Type: application/json' \\`,
  `  -d '{"email": "client@demo.test", "password": "rapport-demo"}'`,
].join("\n");

showStatus();
