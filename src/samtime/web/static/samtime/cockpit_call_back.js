// F8: the caller gets a call later. The form stands in the person's column; leaving it brings back what was there.
import { isBooked, part, person, search, sent, step, typedSoFar } from "./cockpit.js";
import { dropDraft } from "./cockpit_draft.js";

let before = null; // the column as it was

export const callBackForm = () => document.getElementById("call-back");

const seeds = () => part("person").querySelector("[data-seed]");

// What a call-back that is opened, or an interrupted call, fills the booking's form with; or null.
export function seed() {
  return seeds() && new FormData(seeds());
}

// The address of the time an interrupted call still holds, or nothing.
export const heldBefore = () => seeds()?.dataset.resume;

export async function callBack(href) {
  if (callBackForm() || isBooked()) return;
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
  dropDraft();
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
