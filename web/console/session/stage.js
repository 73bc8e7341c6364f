// @ts-check
// A session as it is seen: the other one large, oneself small, how much time is left, more time, the controls, notes.
import { avatar } from "../avatar.js";
import { controlBar, deviceBanner } from "../call/controls.js";
import { ownPicture, remotePicture, watchLine } from "../call/pictures.js";
import { qualitySign } from "../call/quality.js";
import { pictureLayer } from "../call/standing.js";
import { confirm } from "../dialog.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { overtimeCard } from "./overtime.js";
import { remainingCard } from "./remaining.js";
import { sessionStanding } from "./standing.js";

/**
 * @typedef {import("../../client/video-session.js").VideoSession} VideoSession
 * @typedef {import("../devices.js").Opened} Opened
 */

/**
 * @param {VideoSession} session
 * @param {Opened} devices
 * @param {() => void} onLeave
 */
function buttons(session, devices, onLeave) {
  const leave = h(
    "button.call-button",
    { type: "button", onclick: onLeave, ariaLabel: "Leave", title: "Leave; you can come back" },
    icon("out"),
  );
  const end = h(
    "button.call-button.end",
    { type: "button", ariaLabel: "End the session for both" },
    icon("hangup"),
    h("span", "End"),
  );
  end.addEventListener("click", async () => {
    const sure = await confirm({
      title: "End the session?",
      body: "It is over for both of you then. To come back later, leave instead.",
      yes: "End it for both",
      no: "Stay",
      danger: true,
    });
    if (!sure || session.closed) return;
    end.disabled = true;
    end.setAttribute("aria-busy", "true");
    try {
      await session.end();
    } catch (error) {
      toastTrouble(error);
      end.disabled = false;
      end.removeAttribute("aria-busy");
    }
  });
  return controlBar(session, devices, leave, end);
}

/**
 * @param {import("../main.js").App} app
 * @param {object} parts
 * @param {VideoSession} parts.session
 * @param {Opened} parts.devices
 * @param {string} parts.peer
 * @param {HTMLElement} parts.notes
 * @param {() => void} parts.onLeave
 * @returns {{node: HTMLElement, dispose: () => void}}
 */
export function sessionStage(app, { session, devices, peer, notes, onLeave }) {
  const stops = bag();
  const line = watchLine(session, stops);
  const picture = remotePicture(session, peer, stops);
  const layer = pictureLayer(
    {
      restartIce: () => session.restartIce(),
      get snapshot() {
        return { graceEndsAt: session.snapshot.meter?.graceEndsAt };
      },
    },
    (patient) => sessionStanding(session.snapshot, peer, { ...line.now(), patient }),
  );
  const time = remainingCard(session);
  const more = overtimeCard(app, session, peer);
  const quality = qualitySign(session);
  const own = ownPicture(session, devices, stops);
  const place = h("div.call-controls-place", buttons(session, devices, onLeave));
  const trouble = deviceBanner(session, devices, () => {
    place.replaceChildren(buttons(session, devices, onLeave));
    own.draw();
  });
  const name = h("div.stage-name", avatar(peer, null, "small"), h("strong.clip", peer), quality.node);
  stops.add(
    layer.stop,
    time.stop,
    more.stop,
    quality.stop,
    trouble.stop,
    session.on("change", layer.draw),
    session.on("socket", layer.draw),
    session.on("connection", layer.draw),
  );
  const node = h(
    "div.call-layout.session-layout",
    h("div.stage", picture.node, name, layer.node, own.node),
    h("div.call-side", time.node, place, trouble.node, more.node, h("section.card.notes-card", notes)),
  );
  return { node, dispose: () => stops.dispose() };
}
