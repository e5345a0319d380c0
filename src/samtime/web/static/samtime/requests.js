// htmx: the CSRF header, prepared fragments, refusals in place, and the bar that says live updates have paused.
import { isSignedOut, signedIn } from "./again.js";
import { prepare, rest } from "./forms.js";
import { asksForPanel } from "./panel.js";
import { word } from "./words.js";

const PAUSED_AFTER = 30000;
let failingSince = 0;

function isLive(source) {
  return (source?.getAttribute?.("hx-trigger") ?? "").includes("every");
}

function showFailure(source, sentence = word("failed")) {
  const form = source?.closest?.("form");
  if (form) rest(form);
  document.getElementById("request-failed")?.remove();
  const note = document.createElement("p");
  note.className = "st-note st-role-danger";
  note.id = "request-failed";
  note.setAttribute("role", "alert");
  note.textContent = sentence;
  (form ?? document.getElementById("page"))?.prepend(note);
}

// The answer is the sign-in page: the session is over. Nothing is swapped, what was typed stays; after the panel the
// same request goes again, once. Where the panel cannot ask, a note leads to the sign-in page.
async function askToSignIn(source) {
  const form = source.closest?.("form");
  if (form) rest(form);
  if (source.dataset.sentAgain) return showFailure(source);
  if (!document.getElementById("sign-in-again")) return sayWhereToSignIn(source);
  let signed = false;
  try {
    signed = await signedIn();
  } catch {
    return sayWhereToSignIn(source);
  }
  if (!signed || !source.isConnected) return;
  source.dataset.sentAgain = "yes";
  if (source.matches("form")) source.requestSubmit();
  else if (form && source.matches("[type=submit], button:not([type])")) form.requestSubmit(source);
  else source.click();
}

function sayWhereToSignIn(source) {
  showFailure(source);
  const link = document.createElement("a");
  link.href = `/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`;
  link.textContent = word("signIn");
  document.getElementById("request-failed").replaceChildren(`${word("ended")} `, link);
}

// A question nobody asked must not open a panel over somebody's typing: a note offers it.
function saySignedOut() {
  if (document.getElementById("request-failed")?.dataset.ended) return;
  showFailure(null);
  const note = document.getElementById("request-failed");
  note.dataset.ended = "yes";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "st-btn-link";
  button.textContent = word("signIn");
  button.addEventListener("click", async () => { if (await signedIn()) note.remove(); });
  note.replaceChildren(`${word("ended")} `, button);
}

// A refusal that is no part of the page (another one's, gone, still at work): its sentence stands at
// the form. Swapped in, it would leave nothing where the form was.
function keepsForm(event) {
  const { sourceElement, response, select, text } = event.detail?.ctx ?? {};
  if (!select || (response?.status ?? 0) < 400) return;
  const answer = document.createElement("template");
  answer.innerHTML = text;
  if (answer.content.querySelector(select)) return;
  event.preventDefault();
  showFailure(sourceElement, answer.content.querySelector(".st-empty p")?.textContent);
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

export { saySignedOut };

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
  document.addEventListener("htmx:before:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.target?.id === "panel-slot" && ctx.request.method === "GET") ctx.isNewest = asksForPanel();
  });
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.isNewest?.() === false) event.preventDefault();
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (!isSignedOut(response?.raw)) {
      if (sourceElement?.dataset) delete sourceElement.dataset.sentAgain;
      return;
    }
    event.preventDefault();
    if (isLive(sourceElement)) saySignedOut();
    else askToSignIn(sourceElement);
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
  document.addEventListener("htmx:before:swap", keepsForm);
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target;
    if (target?.isConnected) prepare(target);
  });
}
