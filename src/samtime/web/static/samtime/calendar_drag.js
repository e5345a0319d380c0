// Dragging blocks: a picture of the move only. Letting go asks the server for the bar that confirms it.
import { fetched } from "./again.js";
import { parsed } from "./live.js";
import { prepare } from "./forms.js";

const FAR = 5;
let drag = null;
let drags = 0; // an older drag's bar must not replace a newer one's

const cell = (column, minutes) => (minutes / 5) * parseFloat(getComputedStyle(column).gridTemplateRows.split(" ")[0]);

function places(first, minute, length) {
  const from = Math.floor(minute / 5);
  const cells = Math.max(1, Math.ceil(length / 5));
  return `st-h-${Math.floor(from / 12)} st-m-${from % 12} st-lh-${Math.floor(cells / 12)} st-lm-${cells % 12}`;
}

function begin(event, kit) {
  const block = event.target.closest("#columns a[data-moves], #columns a[data-block]");
  if (!block || event.button || event.pointerType === "touch") return;
  const box = block.getBoundingClientRect();
  drag = {
    kit,
    block,
    resize: box.bottom - event.clientY < 8 && box.height > 20,
    x: event.clientX,
    y: event.clientY,
    offset: event.clientY - box.top,
    at: Number(block.dataset.at),
    length: Number(block.dataset.until) - Number(block.dataset.at),
    moved: false,
  };
}

function move(event) {
  if (!drag) return;
  if (!drag.moved) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    drag.moved = true;
    drag.block.classList.add("st-dragged");
    drag.ghost = document.createElement("div");
    document.body.classList.add("st-dragging");
  }
  event.preventDefault();
  aim(event);
}

function aim(event) {
  const { block, kit } = drag;
  const own = block.closest(".st-cal-column");
  const under = document.elementsFromPoint(event.clientX, event.clientY).find((part) => part.matches?.(".st-cal-column"));
  const column = drag.resize ? own : under ?? drag.column ?? own;
  const box = column.getBoundingClientRect();
  const first = Number(kit.columns().dataset.first) * 60;
  const step = Number(kit.columns().dataset.step);
  const minuteAt = (y) => first + Math.round(((y - box.top - 6) / cell(column, 5)) * 5 / step) * step;
  if (drag.resize) drag.to = { minute: drag.at, length: Math.max(5, minuteAt(event.clientY) - drag.at) };
  else drag.to = { minute: Math.max(0, minuteAt(event.clientY - drag.offset)), length: drag.length };
  drag.column = column;
  drag.ghost.className = `st-block st-ghost ${places(first, drag.to.minute, drag.to.length)}`;
  drag.ghost.textContent = `${kit.clock(drag.to.minute)} – ${kit.clock(drag.to.minute + drag.to.length)}`;
  column.append(drag.ghost);
}

async function end(event) {
  const done = drag;
  drag = null;
  if (!done?.moved) return;
  done.ghost.remove();
  done.block.classList.remove("st-dragged");
  document.body.classList.remove("st-dragging");
  window.addEventListener("click", (click) => { click.preventDefault(); click.stopPropagation(); }, { capture: true, once: true });
  setTimeout(() => window.dispatchEvent(new MouseEvent("click", { cancelable: true })), 0);
  if (event.type === "pointercancel" || !done.to) return;
  const same = done.column === done.block.closest(".st-cal-column");
  if (same && done.to.minute === done.at && done.to.length === done.length) return;
  await ask(done);
}

async function ask({ block, column, to, kit }) {
  const asked = {
    date: column.dataset.day,
    time: kit.clock(to.minute),
    until: kit.clock((to.minute + to.length) % 1440),
    minutes: to.length,
    calendar: column.dataset.calendar,
    version: block.dataset.v,
  };
  const address = kit.withBack(block.hasAttribute("data-block") ? block.href : `${block.href}move/`);
  Object.entries(asked).forEach(([name, value]) => address.searchParams.set(name, value));
  if (block.hasAttribute("data-block")) {
    kit.openPanel(address.href, block);
    return;
  }
  address.searchParams.set("bar", "");
  const mine = ++drags;
  const answer = await fetched(address, () => ({ headers: { "HX-Request": "true" }, credentials: "same-origin" }));
  const fresh = answer ? parsed(await answer.text()) : null;
  if (!fresh || mine !== drags) return;
  if (!answer.ok || answer.redirected) {
    location.href = block.href;
    return;
  }
  const bar = document.getElementById("move-bar");
  bar.replaceChildren(fresh);
  window.htmx?.process(bar);
  prepare(bar);
}

export function startDrag(kit) {
  document.addEventListener("pointerdown", (event) => begin(event, kit));
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
  document.addEventListener("dragstart", (event) => { if (event.target.closest?.("#columns")) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const bar = document.getElementById("move-bar");
    if (bar?.firstElementChild) {
      event.preventDefault();
      bar.replaceChildren();
    }
  });
}
