// The agent's cockpit: every act by keyboard, parts of the page fetched into their columns.
// Nothing about a person is kept anywhere but in the form on the screen.
import { fetched } from "./again.js";
import { startCountdowns } from "./countdown.js";
import { parsed, strike, takenSince, watch } from "./live.js";
import { callBack, callBackForm, heldBefore, keepCallBack, leaveCallBack, seed } from "./cockpit_call_back.js";
import { dropDraft, forgetDraft, keepDraft, keepDraftSoon } from "./cockpit_draft.js";
import { startKeys } from "./cockpit_keys.js";
import { choose, chooseNew, focusPerson, look } from "./cockpit_person.js";
import { word } from "./words.js";

const root = document.querySelector("[data-cockpit]");
const finder = document.getElementById("finder");
const box = document.getElementById("id_q");
export const part = (name) => document.getElementById(`part-${name}`);
const say = (text) => { root.querySelector("[data-said]").textContent = text; };
export const person = () => document.getElementById("person");
export const held = () => root.querySelector("[data-hold]");
export const isBooked = () => Boolean(root.querySelector("[data-done]"));
export const picks = () => [...part("results").querySelectorAll("[data-pick], [data-widen]")];

let typing = 0;
let asked = 0;
let began = 0;
let busy = false;
export const isBusy = () => busy;
let keep = null; // what the next hold's form starts with
let keepAll = []; // what was typed for the booking just made

function fault(text, href) {
  document.getElementById("request-failed")?.remove();
  const note = document.createElement("p");
  note.className = "st-note st-role-danger";
  note.id = "request-failed";
  note.setAttribute("role", "alert");
  note.textContent = text;
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.target = "_blank";
    link.textContent = ` ${word("signIn")}`;
    note.append(link);
  }
  root.prepend(note);
}

function options(body) {
  const found = { credentials: "same-origin", headers: {} };
  if (body) {
    body.delete?.("csrfmiddlewaretoken"); // of a session that may be over: the header has the one of now
    found.method = "POST";
    found.body = body;
    found.headers["X-CSRFToken"] = document.body.dataset.csrf;
  }
  return found;
}

export async function request(href, body) {
  try {
    const answer = await fetched(href, () => options(body));
    if (!answer) {
      fault(word("ended"), "/sign-in/");
      return null;
    }
    if (answer.status >= 500 || answer.status === 404) throw new Error(String(answer.status));
    document.getElementById("request-failed")?.remove();
    return { status: answer.status, content: parsed(await answer.text()) };
  } catch {
    fault(`${word("failed")} ${root.dataset.wordAgain}`);
    return null;
  }
}

export function place(content) {
  content.querySelectorAll("[data-part]").forEach((fresh) => {
    if (fresh.parentElement?.closest("[data-part]")) return; // comes with its column
    part(fresh.dataset.part)?.replaceChildren(...fresh.childNodes);
  });
  hideOwnHold();
  startCountdowns(root);
}

function hideOwnHold() {
  root.querySelectorAll("[data-hold-id]").forEach((line) => {
    line.hidden = line.dataset.holdId === held()?.dataset.hold;
  });
}

export function step(number) {
  root.querySelectorAll("[data-step]").forEach((line) => {
    const at = Number(line.dataset.step);
    line.classList.toggle("st-past", at < number);
    if (at === number) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  });
}

const filters = () => part("results").querySelector("[data-more]");

function query() {
  const data = new FormData(finder);
  if (held()) data.set("hold", held().dataset.hold);
  if (filters()?.open) data.set("filters", "1"); // their long lists are written for whoever looks at them
  return new URLSearchParams([...data].filter(([, value]) => value !== ""));
}

export async function search({ focus = false } = {}) {
  clearTimeout(typing);
  const mine = ++asked;
  part("results").setAttribute("aria-busy", "true");
  const answer = await request(`${root.dataset.find}?${query()}`);
  if (mine !== asked) return;
  part("results").removeAttribute("aria-busy");
  if (answer) showResults(answer.content, focus);
}

function showResults(content, focus) {
  const at = document.activeElement;
  const key = at?.closest?.("[data-slot]")?.dataset.slot;
  const id = part("results").contains(at) ? at.id : "";
  const open = filters()?.open;
  place(content);
  if (open) filters().open = true;
  box.setAttribute("aria-expanded", String(!document.getElementById("choices").hidden));
  if (focus) picks()[0]?.focus();
  else if (key) (part("results").querySelector(`[data-slot="${CSS.escape(key)}"] button`) ?? picks()[0])?.focus();
  else if (id) document.getElementById(id)?.focus();
}

watch(
  () => {
    const list = part("results").querySelector("[data-times]");
    if (!list || busy) return "";
    const asks = query();
    asks.set("live", list.dataset.token);
    asks.set("version", list.dataset.version);
    asks.set("shown", [...list.querySelectorAll("[data-slot]:not(.st-mine)")].map((row) => row.dataset.slot).join(" "));
    return `${root.dataset.live}?${asks}`;
  },
  async (text) => {
    const fresh = parsed(text);
    const list = part("results").querySelector("[data-times]");
    const rows = takenSince(list, fresh).filter((row) => row.dataset.slot !== `${held()?.dataset.offering}@${held()?.dataset.start}`);
    if (rows.length) {
      const inside = rows.find((row) => row.contains(document.activeElement));
      const next = inside && picks().find((pick) => !rows.includes(pick.closest("[data-slot]")) && inside.compareDocumentPosition(pick) & 4);
      next?.focus();
      const clocks = rows.map((row) => row.querySelector("[data-clock]").dataset.clock);
      say(`${clocks.join(", ")} ${root.dataset.wordSaid}${next ? `, ${next.dataset.clock}` : ""}`);
      list.dataset.version = fresh.querySelector("[data-times]")?.dataset.version ?? "";
      const mine = asked;
      await strike(rows, root.dataset.wordTaken);
      if (mine !== asked) return;
    }
    showResults(fresh, false);
  },
);

function typedPerson() {
  const form = person();
  return form ? new FormData(form) : new FormData();
}

// All of this call for a request of its own: the search, the person, the held time.
export function typedSoFar() {
  const data = new FormData(finder);
  for (const [name, value] of keep ?? typedPerson()) data.set(name, value);
  if (held()) data.set("hold", held().dataset.hold);
  return data;
}

// One request at a time; its parts are put in their columns. Whether it was answered.
export async function sent(href, data) {
  if (busy) return false;
  busy = true;
  const answer = await request(href, data);
  busy = false;
  if (answer) place(answer.content);
  return Boolean(answer);
}

export async function take(button) {
  if (busy || !button || button.disabled) return;
  if (button.dataset.widen) { widen(button); return; }
  busy = true;
  button.setAttribute("aria-busy", "true");
  const data = keep ?? typedPerson();
  data.delete("patient_id");
  data.set("offering", button.dataset.offering);
  data.set("start", button.dataset.start);
  if (held()) data.set("instead", held().dataset.hold);
  await after(await request(root.dataset.take, data));
  button.removeAttribute("aria-busy");
}

async function after(answer) {
  if (!answer) { busy = false; return; }
  const ended = answer.content.querySelector("[data-part=over]");
  if (ended) over();
  place(answer.content);
  busy = false;
  if (isBooked()) { step(5); dropDraft(); root.querySelector("#done-title").focus(); }
  else if (!ended && held() && person()) { keep = null; focusPerson(); }
  if (person()) keepDraftSoon(); // with the time that is held now
  root.querySelector("#part-slot [data-focus]")?.focus();
  await search();
}

export async function act(name) {
  if (!held() || busy) return;
  busy = true;
  const data = typedPerson();
  data.set("act", name);
  const at = document.activeElement;
  const answer = await request(held().dataset.act, data);
  if (answer && name === "release") { step(2); part("person").querySelector("form")?.setAttribute("inert", ""); }
  await after(answer);
  if (name === "release") picks()[0]?.focus();
  else if (at?.dataset?.do) root.querySelector(`[data-do="${at.dataset.do}"]`)?.focus();
}

export async function confirm() {
  const form = person();
  if (!form || busy || !held()) return;
  busy = true;
  const button = form.querySelector("[data-confirm]");
  button.setAttribute("aria-busy", "true");
  keepAll = [...new FormData(form)];
  await after(await request(form.action, new FormData(form)));
  button.removeAttribute("aria-busy");
}

export function again(what) {
  const names = what === "all" ? /^patient\./ : /^patient\.(phone|email|language)$/;
  keep = new FormData();
  keepAll.filter(([name]) => names.test(name)).forEach(([name, value]) => keep.set(name, value));
  part("person").replaceChildren();
  part("slot").replaceChildren();
  step(1);
  box.select();
  box.focus();
}

function over() {
  const line = root.querySelector("[data-over]");
  if (line) line.hidden = false;
}

export async function newCall() {
  keepAll = [];
  await keepDraft();
  location.assign(root.dataset.here);
}

function drop(name) {
  const field = finder.elements[name];
  if (field) field.value = name === "radius" ? "25" : "";
  search();
}

function widen(button) {
  if (button.dataset.widen === "days") {
    const days = document.createElement("input");
    Object.assign(days, { type: "hidden", name: "days", value: "60" });
    finder.append(days);
  } else if (finder.elements[button.dataset.widen]) finder.elements[button.dataset.widen].value = "";
  search({ focus: true });
}

export function dropLast() {
  const chips = root.querySelectorAll("[data-drop]");
  if (chips.length) drop(chips[chips.length - 1].dataset.drop);
}

export function pickChoice(move) {
  const lines = [...document.querySelectorAll("[data-choice]")];
  if (!lines.length) return;
  const now = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
  setChoice(lines[(now + move + lines.length) % lines.length]);
}

function setChoice(line) {
  finder.querySelector("[data-service]").value = line.dataset.choice;
  box.setAttribute("aria-activedescendant", line.id);
  search();
}

function clock() {
  if (!began) return;
  const seconds = Math.floor((Date.now() - began) / 1000);
  root.querySelector("[data-call-time]").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

box.addEventListener("input", () => {
  if (!began) { began = Date.now(); root.querySelector("[data-call]").hidden = false; }
  finder.querySelector("[data-service]").value = "";
  finder.querySelectorAll("input[type=hidden][name=days]").forEach((field) => field.remove());
  clearTimeout(typing);
  const long = box.value.trim().length;
  if (long === 0 || long >= 3) typing = setTimeout(search, 120);
  step(1);
});
finder.addEventListener("change", (event) => { if (event.target !== box) search(); });
finder.addEventListener("toggle", (event) => {
  if (event.target.open && !("filled" in event.target.dataset)) search();
}, true);
finder.addEventListener("submit", (event) => { event.preventDefault(); step(2); search({ focus: true }); });
root.addEventListener("st:over", over);
root.addEventListener("change", (event) => {
  if (event.target.name === "patient.language") {
    root.querySelectorAll("[data-language]").forEach((text) => { text.hidden = text.dataset.language !== event.target.value; });
  }
  if (event.target.form === person() && /birth_date|phone|identifier|family_name/.test(event.target.name)) look(false);
});
root.addEventListener("submit", (event) => {
  if (event.target === person()) { event.preventDefault(); confirm(); }
  if (event.target === callBackForm()) { event.preventDefault(); keepCallBack(); }
});
root.addEventListener("click", async (event) => {
  const button = event.target.closest("button, [data-choice]");
  if (!button) return;
  const given = button.dataset;
  if ("doCallBack" in given) callBack(root.dataset.callBack);
  else if ("callBackLeave" in given) leaveCallBack();
  else if ("pick" in given || given.widen) take(button);
  else if (given.do) act(given.do);
  else if (given.drop) drop(given.drop);
  else if ("choice" in given) { setChoice(button); box.focus(); }
  else if ("newCall" in given) newCall();
  else if (given.keep) again(given.keep);
  else if (given.hit) choose(button);
  else if ("newPerson" in given || "notThis" in given) chooseNew();
  else if ("again" in given) take({ dataset: held().dataset });
  else if (given.forget) forgetDraft(button);
  else if (given.resume) await after(await request(given.resume));
  else if (given.letGo) {
    const data = new FormData();
    data.set("act", "release");
    if (await request(given.letGo, data)) take({ dataset: { offering: given.thenOffering, start: given.thenStart } });
  }
});
// Another page, a reload or F2 by mistake: the browser asks first, while a person is typed and not booked.
window.addEventListener("beforeunload", (event) => {
  const form = person() ?? callBackForm();
  const typed = form && [...form.elements].some((one) => /^patient\.(given|family|birth|phone|email)/.test(one.name) && one.value);
  if (typed && !isBooked()) event.preventDefault();
});
keep = seed();
if (heldBefore()) request(heldBefore(), keep).then(after);
setInterval(clock, 1000);
startKeys(root, { box });
hideOwnHold();
box.focus();
