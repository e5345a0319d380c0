// The clinic's calendar: panels beside the columns, live columns, keys between blocks. Dragging: calendar_drag.js.
import { fetched } from "./again.js";
import { parsed, watch } from "./live.js";
import { asksForPanel, openedFrom, panel, panelShown } from "./panel.js";
import { prepare } from "./forms.js";
import { startDrag } from "./calendar_drag.js";
import { moveNow } from "./calendar_now.js";

const columns = () => document.getElementById("columns");
const base = () => columns()?.dataset.live?.replace(/live\/\?/, "?").replace(/\?$/, "") ?? "";

function withBack(href) {
  const address = new URL(href, location.href);
  if (base() && !address.searchParams.has("back")) address.searchParams.set("back", base());
  return address;
}

// Opens an address in the panel: blocks and free time are a thousand links, none of them is htmx's. Whether it did.
export async function openPanel(href, from) {
  const address = withBack(href);
  const isNewest = asksForPanel();
  const answer = await fetched(address, () => ({ headers: { "HX-Request": "true" }, credentials: "same-origin" }));
  if (!answer) return false;
  const fresh = answer.redirected || !answer.ok ? null : parsed(await answer.text()).getElementById("panel");
  if (!isNewest()) return false;
  if (!fresh) {
    location.href = href;
    return false;
  }
  const slot = document.getElementById("panel-slot");
  slot.replaceChildren(fresh);
  window.htmx?.process(fresh);
  prepare(fresh);
  if (from) openedFrom(from);
  history.pushState({ htmx: true }, "", href);
  panelShown(true);
  fresh.querySelector("[data-focus]")?.focus();
  preparePanel();
  return true;
}

function opener(event) {
  const link = event.target.closest("a[data-v], a[data-free], a[data-opens]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  openPanel(freeTime(link, event), link);
}

// A click into a long stretch of free time means the time under the pointer.
function freeTime(link, event) {
  if (!("free" in link.dataset) || !event.detail) return link.href;
  const from = Number(link.dataset.free);
  const until = Number(link.dataset.until);
  const box = link.getBoundingClientRect();
  const step = Number(columns().dataset.step);
  const minute = from + Math.floor(((event.clientY - box.top) / box.height) * (until - from) / step) * step;
  const address = new URL(link.href);
  address.searchParams.set("time", clock(Math.min(Math.max(minute, from), until - 5)));
  return address.href;
}

export const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

// The New event panel shows the fields of its type, and the client who was chosen keeps his name.
function showType(form) {
  const chosen = form.querySelector("input[name=type]:checked")?.value ?? "appointment";
  form.querySelectorAll("[data-for]").forEach((part) => {
    part.hidden = !part.dataset.for.split(" ").includes(chosen);
    part.querySelectorAll("button[type=submit]").forEach((button) => {
      if (button.value === "block") button.classList.toggle("st-btn-primary", !part.hidden);
    });
  });
}

function preparePanel() {
  const form = document.querySelector("form[data-event]");
  if (form) showType(form);
  watchPanel();
}

// The bar of an open panel when its booking changed elsewhere.
let watched = "";
function watchPanel() {
  watched = panel()?.dataset.live ?? "";
}

function startPanelWatch() {
  watch(() => watched, () => {
    const note = panel()?.querySelector("[data-changed]");
    if (note) note.hidden = false;
    watched = "";
  });
}

function startLive() {
  watch(
    () => {
      const box = columns();
      if (!box || document.querySelector(".st-dragged")) return "";
      const query = new URLSearchParams({ token: box.dataset.token, version: box.dataset.version });
      return `${box.dataset.live}&${query}`;
    },
    (text) => {
      const fresh = parsed(text).getElementById("columns");
      if (!fresh || document.querySelector(".st-dragged")) return;
      redraw(fresh);
    },
  );
}

function redraw(fresh) {
  const box = columns();
  const held = document.activeElement?.closest?.("#columns a");
  const [left, top] = [box.scrollLeft, box.scrollTop];
  box.replaceWith(fresh);
  fresh.scrollTo(left, top);
  if (held) fresh.querySelector(`a[href="${CSS.escape(held.getAttribute("href"))}"]`)?.focus({ preventScroll: true });
  tick();
}

export function askNow() {
  document.dispatchEvent(new Event("visibilitychange"));
}

// One stop of the Tab key for all blocks; arrows walk between them. Only once somebody comes in: a
// week has more than a thousand of them.
let stop = null;
function rove(chosen) {
  const all = () => [...columns().querySelectorAll("a.st-block")];
  if (stop?.isConnected) stop.tabIndex = -1;
  else all().forEach((one) => { one.tabIndex = -1; });
  stop = chosen ?? (stop?.isConnected ? stop : columns().querySelector("a[data-v]") ?? all()[0]);
  if (stop) stop.tabIndex = 0;
}

function walk(from, key) {
  const column = from.closest(".st-cal-column");
  const all = [...document.querySelectorAll("#columns .st-cal-column")];
  const minute = (one) => Number(one.dataset.at ?? one.dataset.free);
  const sorted = (part) => [...part.querySelectorAll("a.st-block")].sort((a, b) => minute(a) - minute(b));
  if (key === "ArrowDown" || key === "ArrowUp") {
    const row = sorted(column);
    return row[row.indexOf(from) + (key === "ArrowDown" ? 1 : -1)];
  }
  const step = key === "ArrowRight" ? 1 : -1;
  for (let at = all.indexOf(column) + step; all[at]; at += step) {
    const row = sorted(all[at]);
    if (row.length) return row.reduce((best, one) => (Math.abs(minute(one) - minute(from)) < Math.abs(minute(best) - minute(from)) ? one : best));
  }
  return null;
}

async function actOn(block, letter) {
  if (!(await openPanel(block.href, block))) return;
  const button = panel()?.querySelector(`[data-key="${letter}"]`);
  if (letter === "m" && button) await openPanel(button.href, block);
  else if (letter === "x" && button?.tagName === "SUMMARY") {
    button.parentElement.open = true;
    button.parentElement.querySelector("input")?.focus();
  } else if (letter === "a") button?.click();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const block = event.target.closest?.("#columns a.st-block");
  if (block && event.key.startsWith("Arrow")) {
    event.preventDefault();
    const next = walk(block, event.key);
    if (next) {
      rove(next);
      next.focus();
    }
    return;
  }
  if (document.body.dataset.singleKeys !== "yes") return;
  const letter = event.key.toLowerCase();
  if (block?.dataset.v && ["m", "a", "x"].includes(letter)) {
    event.preventDefault();
    actOn(block, letter);
    return;
  }
  const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
  if (letter === "o" && !typing && document.getElementById("go")) {
    event.preventDefault();
    document.getElementById("go").focus();
  }
}

// Held times count down; the line of now moves with the live redraw.
function tick() {
  if (columns()) moveNow(columns());
  const now = Date.now() / 1000;
  document.querySelectorAll("[data-expires]").forEach((sign) => {
    const left = Math.max(0, Math.round(Number(sign.dataset.expires) - now));
    sign.textContent = Number(sign.dataset.expires) ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : "";
  });
}

function start() {
  document.querySelectorAll("[data-shown-by-script]").forEach((part) => { part.hidden = false; });
  document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
  if (!columns()) return;
  document.addEventListener("click", opener);
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusin", (event) => {
    if (event.target.closest?.("#columns")) rove(event.target.closest("a.st-block") ?? undefined);
  });
  document.addEventListener("change", (event) => {
    if (event.target.name === "type" && event.target.form?.matches("[data-event]")) showType(event.target.form);
    if (event.target.name === "patient_id") event.target.closest("ul").querySelectorAll("li").forEach((line) => { line.hidden = !line.contains(event.target); });
    if (event.target.id === "go") event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const closer = event.target.closest("[data-close-bar]");
    if (closer) document.getElementById("move-bar").replaceChildren();
  });
  document.addEventListener("htmx:after:swap", preparePanel);
  document.addEventListener("htmx:after:request", (event) => {
    const method = event.detail?.ctx?.request?.method ?? "";
    if (method.toUpperCase() !== "POST" || event.detail.ctx.sourceElement?.id === "id_q") return;
    document.getElementById("move-bar")?.replaceChildren();
    askNow();
  });
  tick();
  setInterval(tick, 1000);
  startLive();
  startPanelWatch();
  watchPanel();
  const form = document.querySelector("form[data-event]");
  if (form) showType(form);
  startDrag({ columns, clock, withBack, openPanel });
  const line = document.querySelector(".st-now");
  if (line) columns().scrollTop = Math.max(0, line.offsetTop - 160);
}

start();
