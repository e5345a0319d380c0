// Who the booking is for: what is known of them where the agreement says «search», and who is meant.
import { held, isBusy, part, person, place, request, step } from "./cockpit.js";

let looked = ""; // the values last asked about

export function focusPerson() {
  looked = "";
  step(3);
  const wrong = person().querySelector("[aria-invalid=true]");
  const chosen = person().querySelector("[data-patient]").value;
  const fields = [...person().querySelectorAll("input:not([type=hidden])")];
  const empty = fields.filter((field) => !field.value);
  const next = empty.find((field) => field.required) ?? empty[0] ?? fields[0];
  (wrong ?? (chosen ? person().elements["patient.phone"] : next))?.focus();
}

export async function look(force) {
  const form = person();
  if (!form || isBusy() || !held() || (form.dataset.access !== "search" && !form.elements["patient.birth_date"].value)) return false;
  const names = ["patient.given_name", "patient.family_name", "patient.birth_date", "patient.phone", "patient.identifier"];
  const values = names.map((name) => form.elements[name]?.value ?? "");
  const mark = values.join("|");
  const longest = Math.max(...`${values[0]} ${values[1]}`.split(/\s+/).map((one) => one.length));
  const two = [longest >= 3, values[2], values[3].replace(/\D/g, "").length >= 5, values[4]].filter(Boolean).length >= 2;
  if (mark === looked || !two || form.querySelector("[data-patient]").value) return false;
  looked = mark;
  part("found").setAttribute("aria-busy", "true");
  const answer = await request(form.dataset.look, new FormData(form));
  if (mark !== looked || form !== person()) return false; // typed on meanwhile: the next answer counts
  part("found").removeAttribute("aria-busy");
  if (!answer) return false;
  place(answer.content);
  if (force) part("found").querySelector("[data-hit], [data-new-person]")?.focus();
  return Boolean(part("found").querySelector("[data-hit]"));
}

function emptyFound() {
  looked = ""; // an answer on its way is nobody's now
  part("found").removeAttribute("aria-busy");
  part("found").replaceChildren();
}

export function choose(button) {
  const form = person();
  form.querySelector("[data-patient]").value = button.dataset.hit;
  form.querySelector("[data-chosen-name]").textContent = button.dataset.hitName;
  form.querySelector("[data-chosen]").hidden = false;
  form.querySelectorAll("[data-typed]").forEach((block) => { block.hidden = true; });
  emptyFound();
  form.elements["patient.phone"].focus();
}

export function chooseNew() {
  const form = person();
  if (!form) return;
  form.querySelector("[data-patient]").value = "";
  form.querySelector("[data-chosen]").hidden = true;
  form.querySelectorAll("[data-typed]").forEach((block) => { block.hidden = false; });
  emptyFound();
  focusPerson();
}
