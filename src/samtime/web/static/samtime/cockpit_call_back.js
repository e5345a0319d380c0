// F8: the caller gets a call later. The form stands in the person's column; leaving it brings back what was there.
import { part, person, search, sent, step, typedSoFar } from "./cockpit.js";

let before = null; // the column as it was

export const callBackForm = () => document.getElementById("call-back");

// What a call-back that is opened fills the booking's form with, or null.
export function seed() {
  const form = part("person").querySelector("[data-seed]");
  return form ? new FormData(form) : null;
}

export async function callBack(href) {
  if (callBackForm() || document.querySelector("[data-done]")) return;
  const column = [...part("person").childNodes];
  if (await sent(href, typedSoFar())) {
    before = column;
    focusFirst();
  }
}

function focusFirst() {
  const form = callBackForm();
  const wrong = form.querySelector("[aria-invalid=true]");
  const phone = form.elements["patient.phone"];
  (wrong ?? (phone.value ? form.elements.due_on : phone)).focus();
}

export async function keepCallBack() {
  const form = callBackForm();
  const button = form.querySelector("[type=submit]");
  button.setAttribute("aria-busy", "true");
  const answered = await sent(form.action, new FormData(form));
  button.removeAttribute("aria-busy");
  if (!answered) return;
  if (callBackForm()) { focusFirst(); return; }
  before = null;
  step(1);
  document.getElementById("kept-title").focus();
  await search();
}

export function leaveCallBack() {
  const form = callBackForm();
  part("person").replaceChildren(...before);
  for (const name of ["patient.phone", "patient.given_name", "patient.family_name"]) {
    const field = person()?.elements[name];
    if (field) field.value = form.elements[name].value;
  }
  (person()?.querySelector("input:not([type=hidden])") ?? document.getElementById("id_q")).focus();
}
