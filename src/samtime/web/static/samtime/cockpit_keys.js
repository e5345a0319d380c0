// The cockpit's keys (SCREENS.md 6.1). Single keys act only outside text fields; numbers only in the list.
import { callBack, callBackForm, keepCallBack, leaveCallBack } from "./cockpit_call_back.js";
import { act, again, confirm, dropLast, held, isBooked, newCall, part, person, pickChoice, picks, search, step, take } from "./cockpit.js";
import { chooseNew, look } from "./cockpit_person.js";

const inText = (part) => Boolean(part?.closest?.("input:not([type=checkbox], [type=radio], [type=button]), textarea, select"));

function moveInList(move) {
  const all = picks();
  const now = all.indexOf(document.activeElement);
  all[Math.min(Math.max(now + move, 0), all.length - 1)]?.focus();
}

function jump(number) {
  const first = {
    1: () => document.getElementById("id_q"),
    2: () => picks()[0],
    3: () => person()?.querySelector("input:not([type=hidden])"),
    4: () => document.getElementById("read-back"),
    5: () => document.getElementById("done-title"),
  }[number]?.();
  first?.focus();
}

function functionKey(event) {
  if (event.key === "F2") newCall();
  else if (event.key === "F4" && !event.altKey) act("extend");
  else if (event.key === "F8") callBack(document.querySelector("[data-cockpit]").dataset.callBack);
  else if (event.key === "Escape" && callBackForm()) leaveCallBack();
  else return false;
  return true;
}

function withControl(event) {
  if (event.key === "Enter" && callBackForm()) keepCallBack();
  else if (event.key === "Enter") confirm();
  else if (event.key === "Backspace" && held()) act("release");
  else return false;
  return true;
}

function withAlt(event) {
  if (/^Digit[1-5]$/.test(event.code)) jump(Number(event.code.slice(5)));
  else if (event.code === "KeyN") chooseNew();
  else if (event.code === "KeyS" && isBooked()) again("all");
  else if (event.code === "KeyP" && isBooked()) again("contact");
  else if (event.key === "Backspace") dropLast();
  else return false;
  return true;
}

function inBox(event) {
  if (event.key === "ArrowDown") pickChoice(1);
  else if (event.key === "ArrowUp") pickChoice(-1);
  else if (event.key === "Enter") { step(2); search({ focus: true }); }
  else return false;
  return true;
}

async function inPerson(event) {
  if (event.key !== "Enter" || event.target.matches("textarea, button, select")) return false;
  event.preventDefault();
  if (await look(true) || document.activeElement !== event.target) return true; // moved on meanwhile
  const fields = [...person().querySelectorAll("input:not([type=hidden]), select, textarea, button")].filter((one) => one.offsetParent);
  fields[fields.indexOf(event.target) + 1]?.focus();
  return true;
}

function inList(event) {
  const number = Number(event.key);
  if (number >= 1 && number <= 9) take(picks()[number - 1]);
  else if (event.key === "ArrowDown") moveInList(1);
  else if (event.key === "ArrowUp") moveInList(-1);
  else if (event.key.toLowerCase() === "w" && document.body.dataset.singleKeys === "yes") return askWhy(event.target);
  else return false;
  return true;
}

// Why not? In a new tab: the call, the held time and what is typed stay.
function askWhy(row) {
  const link = row.closest("li")?.querySelector("[data-why]") ?? part("results").querySelector("[data-why]");
  link?.click();
  return Boolean(link);
}

function free(event) {
  if (event.key === "/") document.getElementById("id_q").focus();
  else if (event.key === "ArrowLeft" && held()) act("earlier");
  else if (event.key === "ArrowRight" && held()) act("later");
  else return false;
  return true;
}

export function startKeys(root, { box }) {
  // Before the map of every page, which leaves alone what is handled here.
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const control = event.ctrlKey || event.metaKey;
    let done = functionKey(event) || (control && withControl(event)) || (event.altKey && withAlt(event));
    if (!done && !control && !event.altKey) {
      if (event.target === box) done = inBox(event);
      else if (event.target.form && event.target.form === person()) inPerson(event);
      else if (picks().includes(event.target)) done = inList(event) || (!inText(event.target) && free(event));
      else if (!inText(event.target)) done = free(event);
    }
    if (done) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);
}
