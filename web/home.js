// Shows what the server says of itself, and an example that works on this address.

function pill(text, up) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  label.className = up ? "pill" : "pill down";
  label.textContent = `${text}: ${up ? "up" : "down"}`;
  item.append(label);
  return item;
}

async function showStatus() {
  const list = document.getElementById("status");
  try {
    const response = await fetch("/ready");
    const { checks } = await response.json();
    list.replaceChildren(pill("server", true), ...Object.entries(checks).map(([name, up]) => pill(name, up)));
  } catch {
    list.replaceChildren(pill("server", false));
  }
}

document.getElementById("example").textContent = [
  `curl -s ${location.origin}/api/auth/login \\`,
  `  -H 'Content-Type: application/json' \\`,
  `  -d '{"email": "client@demo.test", "password": "rapport-demo"}'`,
].join("\n");

showStatus();
