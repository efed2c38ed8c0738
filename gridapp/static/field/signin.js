// The sign-in screen: name and password, or a code that the desk shows, by the camera or typed.

import { toast, word } from "../app.js";
import { isNoNetwork, saying } from "./api.js";
import { alert, button, el, field, sheet, show } from "./dom.js";
import { signIn } from "./session.js";

const CODE = /#\/sign-in\/([\w-]+)/;
const LOOK_MS = 300;

/** The code in an address, as the desk's picture has it. */
export const codeIn = (text) => CODE.exec(text)?.[1] ?? null;

/** Looks for a code with the camera until one is found or the sheet is closed; null where none was. */
async function scan() {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = el("video", { autoplay: true, playsinline: true, class: "f-large", "aria-label": word("scan_code") });
  video.srcObject = stream;
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  return new Promise((resolve) => {
    const { body, close } = sheet(word("scan_code"), { whole: true, onclose: () => {
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      resolve(null);
    } });
    const timer = setInterval(async () => {
      const [found] = await detector.detect(video).catch(() => []);
      const code = found && codeIn(found.rawValue);
      if (!code) return;
      resolve(code);
      close();
    }, LOOK_MS);
    show(body, el("p", {}, word("scan_hint")), video);
  });
}

/** Asks for a code: typed, pasted, or seen by the camera where the phone reads codes; an address with one will do. */
function askCode(onCode) {
  const { body, close } = sheet(word("by_code"));
  const input = el("input", { id: "code", autocomplete: "one-time-code", autocapitalize: "none", spellcheck: "false", maxlength: 300, required: true });
  const take = (code) => {
    close();
    onCode(code);
  };
  const submit = (event) => {
    event.preventDefault();
    take(codeIn(input.value) ?? input.value.trim());
  };
  const byCamera = () => scan().then((code) => code && take(code), () => toast(word("no_camera"), "bad"));
  show(
    body,
    "BarcodeDetector" in window && button(word("scan_code"), byCamera, { kind: "wide f-big", mark: "code" }),
    el("form", { class: "stack", onsubmit: submit }, field("code", word("code"), input), el("button", { class: "button primary wide f-big" }, word("sign_in"))),
  );
}

/** The screen; `onDone` gets the person. `code` signs in at once. */
export function signInScreen(screen, onDone, { code } = {}) {
  const said = el("div");
  const username = el("input", { id: "username", name: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: 100, required: true });
  const password = el("input", { id: "password", name: "password", type: "password", autocomplete: "current-password", maxlength: 200, required: true });
  const send = el("button", { class: "button primary wide f-big" }, word("sign_in"));
  async function by(credentials) {
    send.disabled = true;
    try {
      onDone(await signIn(credentials));
    } catch (error) {
      show(said, alert("", isNoNetwork(error) ? word("sign_in_offline") : saying(error)));
    } finally {
      send.disabled = false;
    }
  }
  const submit = (event) => {
    event.preventDefault();
    event.stopPropagation();
    return by({ username: username.value.trim(), password: password.value });
  };
  const form = el("form", { class: "panel form f-sign-in", onsubmit: submit }, said, field("username", word("username"), username), field("password", word("password"), password), send, button(word("by_code"), () => askCode((one) => by({ code: one })), { kind: "wide f-big", mark: "code", id: "by-code" }));
  show(screen, form);
  if (code) by({ code });
  else username.focus();
}
