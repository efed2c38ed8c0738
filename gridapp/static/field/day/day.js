// My day: what came back, the way through the rest, visits and patrols, what was handed over, duty, notices, the alarm.

import { word } from "../../app.js";
import * as outbox from "../core/outbox.js";
import { alert, el, icon, show, skeleton } from "../dom.js";
import { hear } from "../feed.js";
import { lastPlace, quietPlace } from "../place.js";
import { session } from "../session.js";
import { isStocked, SETTLE_MS as STOCK_MS, stockUp, whenStocked } from "../stock.js";
import { clockPart } from "./clock.js";
import { dutyPart } from "./dutypart.js";
import { handOversPart } from "./handovers.js";
import { newsPart } from "./news.js";
import { sosButton } from "./sos.js";
import { stopsPart } from "./stops.js";
import { tasksParts } from "./tasksofday.js";
import { keptDay } from "./today.js";

const SETTLE_MS = 600;
const MINUTE_MS = 60_000;
const OF_THE_DAY = new Set(["stop", "hand_over"]);

/** All that is drawn anew when something changes; while the first fetching goes on nobody is told that there is nothing. */
async function parts(isFetching) {
  const at = lastPlace();
  const day = await keptDay().catch(() => null);
  const items = await outbox.listed();
  return [
    await clockPart(),
    await newsPart(),
    day && handOversPart(day.hand_overs, { items }),
    (await isStocked()) ? await tasksParts({ at, items, day }) : isFetching ? skeleton() : alert("is-warn", word("list_offline")),
    day && session.me.role !== "handler" && stopsPart(day.stops, { at, items }),
  ];
}

/** The screen; gives back what ends it. */
export function dayScreen(screen) {
  const shown = el("div", { class: "stack" }, skeleton());
  const duty = el("div");
  let timer;
  let stocking;
  let drawing = 0;
  let isFetching = true;
  const draw = async () => {
    const mine = ++drawing;
    const found = await parts(isFetching).catch(() => alert("is-warn", word("list_offline")));
    if (mine === drawing) show(shown, found);
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(draw, SETTLE_MS);
  };
  /** What changed is shown as far as it is known, and once more when all of it was fetched. */
  const changed = () => {
    soon();
    clearTimeout(stocking);
    stocking = setTimeout(() => whenStocked().then(soon), STOCK_MS + SETTLE_MS);
  };
  const anew = () => stockUp().then(() => {
    isFetching = false;
    soon();
  });
  const drawDuty = () => show(duty, dutyPart(drawDuty));
  const ways = el("section", { class: "panel stack" }, sosButton(), session.me.role !== "handler" && el("a", { class: "f-link", href: "#/track" }, icon("route"), el("span", { class: "f-row-words" }, word("my_track")), icon("next")));
  show(screen, duty, shown, ways);
  drawDuty();
  draw();
  if (!lastPlace()) quietPlace().then((fix) => fix && soon(), () => {});
  anew();
  const ticking = setInterval(draw, MINUTE_MS);
  const stops = [
    outbox.watch((news) => {
      if (news.total || news.offline) return;
      if (news.kind && OF_THE_DAY.has(news.kind) && news.outcome?.state === "sent") anew();
      soon();
    }),
    hear((changes) => (changes.some(({ kind }) => kind === "stop" || kind === "post") ? anew() : changed())),
  ];
  return () => {
    stops.forEach((stop) => stop());
    clearInterval(ticking);
    clearTimeout(timer);
    clearTimeout(stocking);
    drawing += 1;
  };
}
