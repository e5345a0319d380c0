// The session ended while a page was open: a panel on the page signs in, nothing typed is lost, and what was sent is
// sent again. Every plain form asks first whether its person is still signed in; fetched answers are looked at.
import { word } from "./words.js";

const panel = () => document.getElementById("sign-in-again");
let waiting = null;

async function ask(fields) {
  const headers = { "X-Person": document.body.dataset.person, "X-Language": document.documentElement.lang };
  const options = { headers, credentials: "same-origin" };
  if (fields) {
    options.method = "POST";
    options.body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: document.body.dataset.csrf });
  }
  const answer = await fetch(panel().dataset.address, options);
  if (!answer.ok) throw new Error(String(answer.status));
  const told = await answer.json();
  renew(told.csrf);
  return told;
}

// A new session has a new token: every form of the page gets it.
function renew(token) {
  document.body.dataset.csrf = token;
  document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
}

// Led to the sign-in page, or refused for the token of a session that is over.
export function isSignedOut(answer) {
  if (!answer) return false;
  if (answer.status === 403 && answer.headers.has("X-Token-Refused")) return true;
  return answer.redirected && new URL(answer.url).pathname === "/sign-in/";
}

// True when the person of this page is signed in, perhaps after the panel; false when he did not want to.
export async function signedIn() {
  if (!panel()) return true;
  const told = await ask();
  return told.state === "signed_in" ? true : show(told);
}

// A fetch that asks to sign in, then asks anew; null when the person did not want to.
export async function fetched(address, options) {
  const answer = await fetch(address, options?.() ?? {});
  if (!isSignedOut(answer)) return answer;
  return (await signedIn()) ? fetch(address, options?.() ?? {}) : null;
}

function show(told) {
  waiting ??= {};
  waiting.asked ??= new Promise((resolve) => { waiting.resolve = resolve; });
  const { asked } = waiting;
  turn(told);
  if (!panel().open) {
    panel().showModal();
    panel().querySelector("[name=password]").focus();
  }
  return asked;
}

function close(answer) {
  const { resolve } = waiting ?? {};
  waiting = null;
  panel().querySelector("form").reset();
  if (panel().open) panel().close();
  resolve?.(answer);
}

function turn(told) {
  const error = panel().querySelector("[data-again-error]");
  const said = told.state === "other" ? word("other") : Object.values(told.errors ?? {}).join(" ");
  error.hidden = !said;
  error.querySelector("span").textContent = said;
  const code = told.state.startsWith("code");
  panel().querySelector("[data-again-step=code]").hidden = !code;
  panel().querySelector("[data-again-step=password]").hidden = code;
  if (said || code) panel().querySelector(code ? "[name=code]" : "[name=password]").focus();
}

async function tryIt(form) {
  const code = !panel().querySelector("[data-again-step=code]").hidden;
  const { login, password, code: digits } = form.elements;
  const fields = code ? { code: digits.value } : { login: login.value, password: password.value };
  try {
    const told = await ask(fields);
    if (told.state === "signed_in") close(true);
    else turn(told.state === "signed_out" ? { state: "refused", errors: { "": word("endedStep") } } : told);
  } catch {
    turn({ state: code ? "code" : "refused", errors: { "": word("failed") } });
  }
}

// Signed in in another tab meanwhile.
async function look() {
  if (document.hidden || !panel()?.open) return;
  const told = await ask().catch(() => null);
  if (told?.state === "signed_in") close(true);
}

export function startAgain() {
  document.querySelector("form[data-send-at-once]")?.requestSubmit();
  if (!panel()) return;
  panel().addEventListener("submit", (event) => {
    event.preventDefault();
    tryIt(event.target);
  });
  panel().addEventListener("cancel", () => close(false));
  panel().querySelector("[data-again-leave]").addEventListener("click", () => close(false));
  document.addEventListener("visibilitychange", look);
}
