// @ts-check
// The call as it is seen: the other one large, oneself small, who and how good the line is, the meter, the
// controls.
import { avatar } from "../avatar.js";
import { h } from "../dom.js";
import { bag } from "../store.js";
import { controls, deviceBanner } from "./controls.js";
import { lowBalance } from "./low-balance.js";
import { meter } from "./meter.js";
import { ownPicture, remotePicture, watchLine } from "./pictures.js";
import { qualitySign } from "./quality.js";
import { standingLayer } from "./standing.js";

/**
 * @typedef {import("../../client/live-call.js").LiveCall} LiveCall
 * @typedef {import("../devices.js").Opened} Opened
 */

/**
 * @param {import("../main.js").App} app
 * @param {{call: LiveCall, devices: Opened, peerName: string}} parts
 * @returns {{node: HTMLElement, dispose: () => void}}
 */
export function stage(app, { call, devices, peerName }) {
  const stops = bag();
  const line = watchLine(call, stops);
  const picture = remotePicture(call, peerName, stops);
  const layer = standingLayer(call, peerName, line.now);
  const count = meter(call, { cut: line.cut });
  const quality = qualitySign(call);
  const money = lowBalance(app, call);
  const own = ownPicture(call, devices, stops);
  const buttons = h("div.call-controls-place", controls(call, devices));
  const trouble = deviceBanner(call, devices, () => {
    buttons.replaceChildren(controls(call, devices));
    own.draw();
  });
  stops.add(
    layer.stop,
    count.stop,
    quality.stop,
    money.stop,
    trouble.stop,
    call.on("change", layer.draw),
    call.on("socket", layer.draw),
  );

  const name = h("div.stage-name", avatar(peerName, null, "small"), h("strong.clip", peerName), quality.node);
  const node = h(
    "div.call-layout",
    h("div.stage", picture.node, name, layer.node, own.node),
    h("div.call-side", count.node, buttons, trouble.node, money.node),
  );
  return { node, dispose: () => stops.dispose() };
}
