// @ts-check
// In which zone times of bookings are shown: this browser's, unless its person chose another one for this tab.
import { ownZone, zones } from "../calendar/zones.js";
import { zoneLabel } from "../calendar/format.js";
import { clock } from "../clock.js";
import { h, replace, uid } from "../dom.js";
import { icon } from "../icons.js";
import { signal } from "../store.js";

const KEPT = "rapport.zone";

/** The zone that was chosen in this tab, if this browser still knows it. */
function remembered() {
  const kept = sessionStorage.getItem(KEPT);
  return kept && zones().includes(kept) ? kept : ownZone();
}

/** IANA name. @type {import("../store.js").Signal<string>} */
export const zone = signal(remembered());

/** @param {string} name */
function choose(name) {
  sessionStorage.setItem(KEPT, name);
  zone.value = name;
}

/**
 * The zone in words, and the way to another one.
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function zoneChoice() {
  const id = uid("zone");
  const words = h("span.grow");
  const select = h(`select#${id}`, { ariaLabel: "Time zone", onchange: () => choose(select.value) });
  const field = h("div.field.zone-field", { hidden: true }, select);
  const change = h(
    "button.button.quiet.small",
    { type: "button", ariaExpanded: "false", "aria-controls": id },
    "Change",
  );
  change.addEventListener("click", () => {
    field.hidden = !field.hidden;
    change.setAttribute("aria-expanded", String(!field.hidden));
    change.textContent = field.hidden ? "Change" : "Done";
    if (field.hidden) return;
    if (!select.hasChildNodes()) {
      replace(
        select,
        zones(zone.value).map((one) => h("option", { value: one }, one.replaceAll("_", " "))),
      );
    }
    select.value = zone.value;
    select.focus();
  });
  const stop = zone.subscribe((name) => {
    replace(words, "Times in ", h("strong", zoneLabel(name, clock.now())));
  });
  const line = h("div.row.fixed.tight.zone-line", icon("globe"), words, change);
  return { node: h("div.zone", line, field), stop };
}
