// htmx: the CSRF header, prepared fragments, refusals in place, and the bar that says live updates have paused.
import { prepare, rest } from "./forms.js";
import { word } from "./words.js";

const PAUSED_AFTER = 30000;
let failingSince = 0;

function isLive(source) {
  return (source?.getAttribute?.("hx-trigger") ?? "").includes("every");
}

function showFailure(source) {
  const form = source?.closest?.("form");
  if (form) rest(form);
  document.getElementById("request-failed")?.remove();
  const note = document.createElement("p");
  note.className = "st-note st-role-danger";
  note.id = "request-failed";
  note.setAttribute("role", "alert");
  note.textContent = word("failed");
  (form ?? document.getElementById("page"))?.prepend(note);
}

// The answer is the sign-in page: the session is over. Nothing is swapped, what was typed stays.
function signedOut(response) {
  return Boolean(response?.redirected) && new URL(response.url).pathname === "/sign-in/";
}

function askToSignIn(source) {
  showFailure(source);
  const note = document.getElementById("request-failed");
  const link = document.createElement("a");
  link.href = `/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = word("signIn");
  note.replaceChildren(`${word("ended")} `, link);
}

export function liveFailed() {
  const now = Date.now();
  failingSince ||= now;
  if (now - failingSince < PAUSED_AFTER) return;
  const bar = document.getElementById("live-bar");
  if (!bar || !bar.hidden) return;
  const since = new Date(failingSince);
  bar.querySelector("[data-live-since]").textContent = since.toTimeString().slice(0, 5);
  bar.hidden = false;
}

export function liveWorks() {
  failingSince = 0;
  const bar = document.getElementById("live-bar");
  if (bar) bar.hidden = true;
}

export function startRequests() {
  document.addEventListener("htmx:config:request", (event) => {
    const request = event.detail.ctx.request;
    if (isLive(event.detail.ctx.sourceElement) && document.hidden) event.preventDefault();
    request.headers["X-CSRFToken"] = document.body.dataset.csrf;
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (!signedOut(response?.raw)) return;
    event.preventDefault();
    askToSignIn(isLive(sourceElement) ? null : sourceElement);
  });
  document.addEventListener("htmx:error", (event) => {
    const source = event.detail?.ctx?.sourceElement ?? event.target;
    if (isLive(source)) liveFailed();
    else showFailure(source);
  });
  document.addEventListener("htmx:response:error", (event) => {
    const { sourceElement, response } = event.detail?.ctx ?? {};
    if ((response?.status ?? 0) < 500) return;
    if (isLive(sourceElement)) liveFailed();
    else showFailure(sourceElement);
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { sourceElement, response } = event.detail?.ctx ?? {};
    const form = sourceElement?.closest?.("form");
    if (form) rest(form);
    if (isLive(sourceElement) && response?.status < 500) liveWorks();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target;
    if (target?.isConnected) prepare(target);
  });
}
