// What one tap does on the way: open the phone's own map.

import { word } from "../../app.js";
import { el, icon } from "../dom.js";

/** iPhones know no geo: addresses; their map opens by its own, and either works without a network. */
const isApple = /iPhone|iPad|iPod/.test(navigator.userAgent);

/** An address that the phone's own map opens. */
export const mapAddress = ({ lon, lat }) => (isApple ? `maps://?daddr=${lat},${lon}` : `geo:${lat},${lon}?q=${lat},${lon}`);

/** A button that shows the way to a place; nothing where there is none. */
export const wayLink = (location, { kind = "" } = {}) => location && el("a", { class: `button ${kind}`, href: mapAddress(location), "data-tap": "navigate" }, icon("map"), word("navigate"));
