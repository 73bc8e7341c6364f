// @ts-check
// A new group session: which, when, and where it takes place.
import { randomId } from "../asking.js";
import { momentFields, wrongField } from "../calendar/moments.js";
import { instantOf } from "../calendar/zones.js";
import { clock } from "../clock.js";
import { h } from "../dom.js";
import { dialog } from "../dialog.js";
import { formDialog } from "../form-dialog.js";
import { field, select } from "../form.js";
import { offerName } from "../business/offer-name.js";
import { control, textOf } from "../business/fields.js";

const HOUR = 3_600_000;

/**
 * @param {import("../main.js").App} app
 * @param {{zone: string, date: string, types: any[]}} options  `types`: the coach's session types
 * @returns {Promise<boolean>} whether there is a new one
 */
export async function newGroupDialog(app, { zone, date, types }) {
  const groups = types.filter((one) => one.format === "group" && !one.archived);
  if (groups.length === 0) {
    const go = await dialog({
      title: "No group session type yet",
      body: "First say what is offered: a session type of the kind “group”, with its price and its places.",
      actions: [
        { label: "Cancel", value: false, kind: "quiet" },
        { label: "New session type", value: true, kind: "primary" },
      ],
    });
    if (go) app.navigate("/calendar/offers/new?format=group");
    return false;
  }
  const start = Math.max(instantOf(zone, date, 18 * 60), Math.ceil(clock.now() / HOUR) * HOUR);
  const end = start + groups[0].durationDefault * 60_000;
  const moments = momentFields({ zone: () => zone, start, end, follows: true });
  const type = field({
    label: "Session type",
    name: "sessionTypeId",
    control: select(
      groups.map((one) => [one.sessionTypeId, offerName(one)]),
      groups[0].sessionTypeId,
    ),
  });
  control(type).addEventListener("change", () => {
    const chosen = groups.find((one) => one.sessionTypeId === control(type).value);
    moments.lasting(chosen.durationDefault);
  });
  const title = field({
    label: "Title",
    name: "title",
    hint: "Empty: the name of the session type.",
    input: { maxlength: 120 },
  });
  const link = field({
    label: "Meeting link",
    name: "meetingUrl",
    hint: "Shown only to those who have a paid place.",
    wrong: "An address that begins with https://, please.",
    input: { type: "url", inputmode: "url", placeholder: "https://", pattern: "https://.*", required: true },
  });
  const idempotencyKey = randomId();
  return formDialog({
    title: "New group session",
    submit: "Announce it",
    lead: [h("p.quiet", "It may lie outside of your free time; it keeps its time from other bookings.")],
    content: [type, moments.node, title, link],
    fieldOf: (error) => (error?.code === "SLOT_TAKEN" ? "start" : null),
    send: async () => {
      const times = moments.read();
      const group = {
        sessionTypeId: control(type).value,
        start: new Date(times.start).toISOString(),
        minutes: (times.end - times.start) / 60_000,
        meetingUrl: textOf(link),
        ...(textOf(title) ? { title: textOf(title) } : {}),
      };
      try {
        await app.rapport.api.post("/api/bookings/groups", group, { idempotencyKey });
      } catch (error) {
        // How long it lasts is written here as when it ends.
        const [wrong] = /** @type {any} */ (error)?.details?.fields ?? [];
        throw wrong?.path === "minutes" ? wrongField("end", wrong.problem) : error;
      }
    },
  });
}
