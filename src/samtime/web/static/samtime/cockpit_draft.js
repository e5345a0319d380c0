// What is typed of a call waits on the server for half an hour, should the call be interrupted: never in the browser.
import { callBackForm } from "./cockpit_call_back.js";
import { isBooked, person, request, typedSoFar } from "./cockpit.js";

const root = document.querySelector("[data-cockpit]");
const QUIET = 1000; // after the last letter
const SOMEBODY = /^(patient\.(given_name|family_name|birth_date|phone|email)|note)$/;
let timer = 0; // 0: nothing is typed that is not on its way
let isKept = "kept" in root.dataset;
let sending = Promise.resolve();

// One after another. No act of the agent's, so a lost one is not said: the next letter brings the next.
function send(data) {
  data.set("call", root.dataset.number);
  data.delete("csrfmiddlewaretoken");
  const headers = { "X-CSRFToken": document.body.dataset.csrf };
  const options = { method: "POST", body: data, headers, credentials: "same-origin", keepalive: true };
  sending = sending.then(() => fetch(root.dataset.draft, options)).catch(() => {});
  return sending;
}

function dropping() {
  const data = new FormData();
  data.set("act", "drop");
  return data;
}

function typed() {
  const form = callBackForm() ?? person();
  if (isBooked() || ![...(form?.elements ?? [])].some((one) => SOMEBODY.test(one.name) && one.value)) return null;
  const data = form === person() ? typedSoFar() : new FormData(form);
  data.delete("act");
  return data;
}

function stop() {
  clearTimeout(timer);
  timer = 0;
}

export function keepDraftSoon() {
  stop();
  timer = setTimeout(keepDraft, QUIET);
}

// What is not kept yet, at once: the page is about to go.
export function keepDraft() {
  if (!timer) return sending;
  stop();
  const data = typed();
  if (!data) return dropDraft();
  isKept = true;
  return send(data);
}

// Booked, or promised for later: nothing is left to go on with.
export function dropDraft() {
  stop();
  if (!isKept) return sending;
  isKept = false;
  return send(dropping());
}

// One of the list leaves the screen when it is forgotten.
export async function forgetDraft(button) {
  const data = dropping();
  data.set("call", button.dataset.forget);
  if (!(await request(root.dataset.draft, data))) return;
  const list = button.closest("[data-interrupted]");
  button.closest("li").remove();
  if (!list.querySelector("li")) list.remove();
  document.getElementById("id_q").focus();
}

root.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && (form === person() || form === callBackForm())) keepDraftSoon();
});
window.addEventListener("pagehide", keepDraft);
