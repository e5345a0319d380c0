// Forms: spinner after 300 ms, no double sending, unsaved input known, the summary box takes the focus.
import { signedIn } from "./again.js";
import { word } from "./words.js";

const SPIN_AFTER = 300;

function remember(form) {
  if (!form.dataset.first) form.dataset.first = serialise(form);
}

function serialise(form) {
  const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(pairs.map(([name, value]) => [name, typeof value === "string" ? value : value.name]));
}

export function isUnsaved(root) {
  return [...root.querySelectorAll("form[method=post]")].some(
    (form) => form.dataset.first && !form.dataset.sending && form.dataset.first !== serialise(form),
  );
}

function spin(form, button) {
  if (!button || !form.dataset.sending) return;
  button.setAttribute("aria-busy", "true");
  const spinner = document.createElement("span");
  spinner.className = "st-spinner";
  spinner.setAttribute("aria-hidden", "true");
  button.querySelector(".st-icon")?.setAttribute("hidden", "");
  button.prepend(spinner);
  button.title = word("wait");
}

export function rest(form) {
  delete form.dataset.sending;
  // Its elements, since a button may stand elsewhere on the page.
  [...form.elements].filter((one) => one.hasAttribute("aria-busy")).forEach((button) => {
    button.removeAttribute("aria-busy");
    button.removeAttribute("title");
    button.querySelector(".st-spinner")?.remove();
    button.querySelector(".st-icon")?.removeAttribute("hidden");
  });
}

// A plain form leaves the page: whether its person is still signed in is asked before, not found out after.
// Parts that fetch by themselves look at the answer instead (`data-fetches`).
function asksFirst(form) {
  if (!document.body.dataset.person || form.dataset.asked) return false;
  return !form.matches("[hx-post], [hx-get]") && !form.closest("[data-fetches]");
}

async function sendSignedIn(form, button) {
  form.dataset.sending = "yes";
  setTimeout(() => spin(form, button ?? form.querySelector("button[type=submit], button:not([type])")), SPIN_AFTER);
  // Not reached: the form goes as it is, and the server keeps it when it must.
  const sends = await signedIn().catch(() => navigator.onLine);
  rest(form);
  if (!sends) return;
  form.dataset.asked = "yes";
  form.requestSubmit(button?.isConnected ? button : undefined);
}

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented && !form.matches("[hx-post], [hx-get]")) return;
  if (form.method !== "post") return;
  if (form.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  if (asksFirst(form)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    sendSignedIn(form, event.submitter);
    return;
  }
  delete form.dataset.asked;
  form.dataset.sending = "yes";
  const button = event.submitter ?? form.querySelector("button[type=submit], button:not([type])");
  setTimeout(() => spin(form, button), SPIN_AFTER);
}

export function prepare(root) {
  root.querySelectorAll("form[method=post]").forEach(remember);
  root.querySelector("[data-focus]")?.focus();
}

// In a form with `data-enter="<button id>"` Enter in a number's field presses that button, elsewhere the blue one:
// without it the browser would press whatever button comes first.
function onEnter(event) {
  if (event.key !== "Enter" || event.isComposing || !event.target.matches("input")) return;
  const form = event.target.closest("form[data-enter]");
  if (!form) return;
  event.preventDefault();
  const asks = event.target.name.endsWith("_number");
  const button = asks ? document.getElementById(form.dataset.enter) : form.querySelector(".st-btn-primary");
  button?.click();
}

export function startForms() {
  document.addEventListener("keydown", onEnter);
  document.addEventListener("submit", onSubmit, true);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach(rest));
  document.addEventListener("click", (event) => {
    const shower = event.target.closest("[data-show-password]");
    if (!shower) return;
    const field = document.getElementById(shower.dataset.showPassword);
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    shower.setAttribute("aria-pressed", String(hidden));
  });
  document.querySelectorAll("[data-show-password]").forEach((shower) => shower.removeAttribute("hidden"));
  prepare(document);
}
