// The dated fields of a service's form follow the day that is chosen in it, but for those somebody changed.
import { fetched } from "./again.js";
import { parsed } from "./live.js";

const PAUSE = 300;
let waiting = 0;

async function follow(form, day) {
  const address = new URL(form.action);
  address.searchParams.set("on", day);
  const answer = await fetched(address, () => ({ credentials: "same-origin" }));
  if (!answer?.ok || answer.redirected || form.elements.from.value !== day) return;
  const fresh = parsed(await answer.text());
  const told = fresh.querySelector("#panel [data-day]");
  if (!told || fresh.querySelector("#panel [name=from]").getAttribute("value") !== day) return;
  fresh.querySelectorAll("#panel [data-dated] input:not([type=checkbox])").forEach((said) => {
    const field = form.elements[said.name];
    if (!field) return;
    field.placeholder = said.placeholder;
    if (field.value !== field.defaultValue) return;
    field.defaultValue = said.getAttribute("value") ?? "";
    field.value = field.defaultValue;
  });
  fresh.querySelectorAll("[data-since]").forEach((said) => {
    const line = form.querySelector(`[data-since="${said.dataset.since}"]`);
    if (line) line.textContent = said.textContent;
  });
  form.elements.shown.value = day;
  form.querySelector("[data-day]").textContent = told.textContent;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("#panel form");
  if (event.target.name !== "from" || !form?.elements.shown) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => follow(form, event.target.value), PAUSE);
});
