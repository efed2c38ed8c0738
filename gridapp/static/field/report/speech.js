// Speaking instead of typing, where the phone turns speech into text.

import { toast, word } from "../../app.js";
import { el, icon } from "../dom.js";

const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const QUIET = new Set(["aborted", "no-speech"]);

/** A button that puts what is said into a text field; nothing where the phone cannot. */
export function speechButton(field) {
  if (!Recognition) return null;
  let listening = null;
  const button = el("button", { type: "button", class: "button f-speak", "aria-pressed": "false", "aria-label": word("speak"), onclick: turn }, icon("mic"), word("speak"));
  const say = (on) => button.setAttribute("aria-pressed", String(on));

  function turn() {
    if (listening) return listening.stop();
    listening = new Recognition();
    listening.lang = document.documentElement.lang === "en" ? "en-US" : "zh-CN";
    listening.interimResults = false;
    listening.onresult = ({ results }) => {
      field.value = [field.value, ...[...results].map((result) => result[0].transcript)].filter(Boolean).join(" ").trim();
      field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    listening.onend = () => {
      listening = null;
      say(false);
    };
    listening.onerror = ({ error }) => {
      listening?.onend();
      if (!QUIET.has(error)) toast(word("not_heard"), "bad");
    };
    say(true);
    return listening.start();
  }

  return button;
}
