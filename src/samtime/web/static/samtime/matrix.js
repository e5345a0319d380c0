// The table of ticks: one tab stop, arrows, blocks, dashes, practitioners on demand, a bar that counts.
import { fetched } from "./again.js";
import { openDialog } from "./dialogs.js";
import { startMatrixLive } from "./matrix_live.js";
import { asksForPanel, panelShown } from "./panel.js";
import { changedBoxes, columnOf, common, isChanged, show } from "./ticks.js";

const form = document.querySelector("[data-matrix]");
const bar = document.querySelector("[data-change-bar]");
const said = document.querySelector("[data-said]");
const past = [];
let anchor = null;
let asked = false;

const rowsUnder = (row) => [...form.querySelectorAll(`[data-under="${row.dataset.service}"]`)];
const boxAt = (row, index) => row?.children[index]?.querySelector("input[type=checkbox]");
const serviceRows = (body) => [...body.querySelectorAll("[data-service]")];
const seen = (part) => part && part.offsetParent !== null;

// A service's tick is its practitioners' together where they are shown; a group's is its services'.
function refreshColumn(body, index) {
  serviceRows(body).forEach((row) => {
    const own = boxAt(row, index);
    const below = rowsUnder(row).map((under) => boxAt(under, index)).filter(Boolean);
    if (own && below.length) show(own, common(below));
  });
  const group = boxAt(body.querySelector("tr"), index);
  if (group) show(group, common(serviceRows(body).map((row) => boxAt(row, index)).filter(Boolean)));
}

function refresh() {
  form.querySelectorAll("[data-group]").forEach((body) => {
    for (let index = 1; index < body.querySelector("tr").children.length; index += 1) refreshColumn(body, index);
  });
  count();
}

function count() {
  const boxes = changedBoxes(form, rowsUnder, boxAt);
  const marked = new Set(boxes);
  form.querySelectorAll("td.st-changed").forEach((cell) => cell.classList.remove("st-changed", "st-less"));
  form.querySelectorAll("input[name=on]").forEach((box) => {
    if (!marked.has(box) && !isChanged(box)) return;
    box.closest("td").classList.add("st-changed");
    box.closest("td").classList.toggle("st-less", !box.checked);
  });
  if (!bar) return;
  const added = boxes.filter((box) => box.checked).length;
  const hit = boxes.filter((box) => !box.checked).reduce((sum, box) => sum + Number(box.dataset.b ?? 0), 0);
  const words = bar.querySelector("[data-change-words]");
  bar.hidden = boxes.length === 0;
  bar.querySelector("[data-change-count]").textContent = `${boxes.length} ${boxes.length === 1 ? words.dataset.one : words.dataset.many}`;
  const tail = hit ? ` · ${hit} ${hit === 1 ? words.dataset.booking : words.dataset.bookings}` : "";
  words.textContent = `${added} ${words.dataset.added}, ${boxes.length - added} ${words.dataset.removed}${tail}`;
}

function state(row, index) {
  return [row, ...rowsUnder(row)].map((line) => boxAt(line, index)).filter(Boolean)
    .map((box) => [box, box.checked, box.indeterminate]);
}

function put(lines, checked) {
  // `lines`: [row, index] pairs; remembered together, so that one undo takes them back together.
  past.push(lines.flatMap(([row, index]) => state(row.dataset.under ? row : row, index)));
  lines.forEach(([row, index]) => {
    const boxes = row.dataset.service ? [row, ...rowsUnder(row)] : [row];
    boxes.map((line) => boxAt(line, index)).filter(Boolean).forEach((box) => show(box, { checked, some: false }));
  });
  refresh();
}

function targets(box) {
  const cell = box.closest("td");
  const row = cell.parentElement;
  const index = columnOf(cell);
  if (!box.dataset.groupTick) return [[row, index]];
  return serviceRows(row.closest("tbody")).filter((line) => !line.hidden && boxAt(line, index)).map((line) => [line, index]);
}

function onChange(event) {
  const box = event.target;
  if (!box.matches("td input[type=checkbox]")) return;
  const { checked } = box;
  const differs = box.dataset.was === "some" && !asked && form.hasAttribute("data-everywhere");
  // The browser has flipped the box already: what undo remembers is the state before.
  box.checked = !checked;
  box.indeterminate = differs;
  if (!differs) {
    put(targets(box), checked);
    return;
  }
  const dialog = document.getElementById("everywhere");
  dialog.querySelector("[data-everywhere-yes]").onclick = () => {
    asked = true;
    dialog.close();
    put(targets(box), true);
    box.focus();
  };
  openDialog(dialog);
}

function undo() {
  const lines = past.pop();
  if (!lines) {
    document.querySelector("[data-undo]")?.click();
    return;
  }
  lines.forEach(([box, checked, some]) => show(box, { checked, some }));
  refresh();
}

const shownRows = () => [...form.querySelectorAll("tbody tr")].filter(seen);

function stop(box) {
  form.querySelectorAll("td input[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
  if (box) box.tabIndex = 0;
}

function block(box) {
  // The rectangle between the anchor and the focus.
  const rows = shownRows();
  const places = [anchor, box].map((one) => [rows.indexOf(one.closest("tr")), columnOf(one.closest("td"))]);
  const [top, bottom] = [places[0][0], places[1][0]].sort((a, b) => a - b);
  const [left, right] = [places[0][1], places[1][1]].sort((a, b) => a - b);
  const found = [];
  for (let down = top; down <= bottom; down += 1) {
    for (let across = left; across <= right; across += 1) {
      if (boxAt(rows[down], across)?.name === "on") found.push([rows[down], across]);
    }
  }
  return found;
}

function mark(cells) {
  form.querySelectorAll("td.st-in-block").forEach((cell) => cell.classList.remove("st-in-block"));
  cells.forEach(([row, index]) => row.children[index].classList.add("st-in-block"));
  said.textContent = cells.length > 1 ? `${cells.length} ${said.dataset.selected}` : "";
}

function move(event, step) {
  const cell = event.target.closest("td");
  const rows = shownRows();
  let down = rows.indexOf(cell.parentElement);
  let across = columnOf(cell);
  for (;;) {
    down += step[0];
    across += step[1];
    const row = rows[down];
    if (!row || across < 1 || across >= row.children.length) return;
    const box = boxAt(row, across);
    if (seen(box)) {
      if (!event.shiftKey) anchor = null;
      else anchor ??= event.target;
      stop(box);
      box.focus();
      mark(anchor ? block(box) : []);
      return;
    }
  }
}

async function why(cell) {
  const box = cell.querySelector("input[name=on]");
  const [channel, kind, ident] = box?.value.split("/") ?? [];
  if (!channel) return;
  const row = cell.parentElement;
  const query = new URLSearchParams({ channel, service: row.dataset.service ?? row.dataset.under, on: form.dataset.on });
  if (form.dataset.location) query.set("location", form.dataset.location);
  if (kind === "o") query.set("offering", ident);
  await openPanel(`${form.dataset.explain}?${query}`);
}

async function openPanel(address) {
  const isNewest = asksForPanel();
  const answer = await fetched(address, () => ({ headers: { "HX-Request": "true" } }));
  if (!answer) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("panel");
  if (!found || !isNewest()) return;
  // Closing leads back to this table, not to another one.
  found.querySelector("[data-close-panel]")?.setAttribute("href", window.location.href);
  document.getElementById("panel-slot").replaceChildren(found);
  window.htmx?.process?.(found);
  panelShown(true);
}

async function fold(button, wanted) {
  const open = wanted ?? button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  const row = button.closest("tr");
  if (button.hasAttribute("data-fold-group")) {
    serviceRows(row.closest("tbody")).forEach((line) => {
      line.hidden = !open;
      const wide = line.querySelector("[data-fold]")?.getAttribute("aria-expanded") === "true";
      rowsUnder(line).forEach((under) => { under.hidden = !open || !wide; });
    });
    return;
  }
  if (open && !rowsUnder(row).length) await loadPeople(row);
  const isWide = button.getAttribute("aria-expanded") === "true"; // folded again while they were on their way
  rowsUnder(row).forEach((under) => { under.hidden = !isWide; });
}

async function loadPeople(row) {
  const query = new URLSearchParams({ location: form.dataset.location, on: form.dataset.on });
  const answer = await fetched(`${form.dataset.people}${row.dataset.service}/?${query}`);
  const fresh = answer?.ok ? await answer.text() : "";
  if (!fresh || rowsUnder(row).length) return; // asked twice: the first answer stands
  const before = [...row.children].map((cell) => cell.querySelector("input[name=on]"));
  row.insertAdjacentHTML("afterend", fresh);
  rowsUnder(row).forEach((under) => under.querySelectorAll("input").forEach((box) => {
    box.tabIndex = -1;
    const own = before[columnOf(box.closest("td"))];
    if (own && isChanged(own)) show(box, { checked: own.checked, some: false });
  }));
  said.textContent = `${rowsUnder(row).length} ${said.dataset.wide}`;
  refresh();
}

// A service's practitioners anew, where they are shown: a colleague changed one of them.
async function again(row) {
  const open = row.querySelector("[data-fold]")?.getAttribute("aria-expanded") === "true";
  rowsUnder(row).forEach((under) => under.remove());
  if (!open) return;
  await loadPeople(row);
  rowsUnder(row).forEach((under) => { under.hidden = false; });
}

function foldHere(cell, open) {
  const row = cell.parentElement;
  const service = row.dataset.under ? form.querySelector(`[data-service="${row.dataset.under}"]`) : row;
  const button = service.querySelector("[data-fold], [data-fold-group]");
  if (!button || (button.getAttribute("aria-expanded") === "true") === open) return;
  fold(button, open);
  const box = boxAt(service, columnOf(cell));
  if (!open && box) box.focus();
}

function onKey(event) {
  const cell = event.target.closest("td");
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  if (steps[event.key]) move(event, steps[event.key]);
  else if (event.key === "[" || event.key === "]") foldHere(cell, event.key === "]");
  else if (event.key.toLowerCase() === "w") why(cell);
  else if (event.key === " " && event.shiftKey) {
    const row = cell.parentElement;
    const cells = [...row.children].map((_part, index) => [row, index]).filter(([, index]) => boxAt(row, index)?.name === "on");
    if (!event.target.disabled) put(cells, !cells.every(([, index]) => boxAt(row, index).checked));
    anchor = null;
    mark([]);
  } else if (event.key === " " && anchor) {
    const cells = block(event.target);
    if (!event.target.disabled) put(cells, !cells.every(([row, index]) => boxAt(row, index).checked));
    anchor = null;
    mark([]);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function onControl(event) {
  if (!(event.ctrlKey || event.metaKey) || !bar) return;
  const key = event.key.toLowerCase();
  const save = document.querySelector("#panel [data-save]");
  const inText = event.target.matches?.("input:not([type=checkbox]), textarea");
  if (key === "s" && !bar.hidden) (save ?? bar.querySelector("[data-review]")).click();
  else if (key === "enter" && !bar.hidden) (save ?? bar.querySelector("[data-save]"))?.click();
  else if (key === "z" && !inText) undo();
  else return;
  event.preventDefault();
}

function filter(text) {
  const wanted = text.trim().toLowerCase();
  form.querySelectorAll("[data-group]").forEach((body) => {
    const rows = serviceRows(body);
    rows.forEach((row) => {
      const fits = row.dataset.name.includes(wanted);
      const wide = row.querySelector("[data-fold]")?.getAttribute("aria-expanded") === "true";
      row.hidden = !fits;
      rowsUnder(row).forEach((under) => { under.hidden = !fits || !wide; });
    });
    body.hidden = rows.every((row) => row.hidden);
  });
}

function onPanelButton(button) {
  const checked = button.dataset.to === "on";
  const rows = [...form.querySelectorAll("[data-service]")].filter((row) => !row.hidden && !row.closest("tbody").hidden);
  const head = form.querySelector(`thead [data-channel="${button.dataset.columnTick}"]`);
  const cells = head
    ? rows.map((row) => [row, columnOf(head)])
    : rows.filter((row) => row.dataset.service === button.dataset.rowTick)
      .flatMap((row) => [...row.children].map((_cell, index) => [row, index]));
  put(cells.filter(([row, index]) => index > 0 && boxAt(row, index)), checked);
}

function hidden(name, value) {
  const part = document.createElement("input");
  Object.assign(part, { type: "hidden", name, value });
  form.append(part);
}

function onSubmit() {
  // Only what was touched is sent; a dash that was emptied is named in both lists.
  const boxes = new Set(changedBoxes(form, rowsUnder, boxAt));
  const keys = (wanted) => [...boxes].filter(wanted).map((box) => box.value).join(" ");
  form.elements.seen.value = "";
  hidden("some", keys((box) => box.dataset.was === "some"));
  hidden("was", keys((box) => box.dataset.was === "all" || (box.dataset.was === "some" && !box.checked)));
  hidden("on", keys((box) => box.checked));
  form.querySelectorAll("td input").forEach((box) => { box.disabled = true; });
}

function start() {
  document.querySelectorAll("[data-fold], [data-fold-group], [data-group-tick], [data-needs-script]").forEach((part) => { part.hidden = false; });
  form.querySelectorAll("input[name=on]").forEach((box) => { box.indeterminate = box.dataset.was === "some" && !box.checked; });
  form.querySelectorAll("td input").forEach((box) => { box.tabIndex = -1; });
  refresh();
  stop([...form.querySelectorAll("td input")].find(seen));
  form.addEventListener("change", onChange);
  form.addEventListener("keydown", onKey);
  document.addEventListener("keydown", onControl);
  form.addEventListener("focusin", (event) => { if (event.target.matches("td input")) stop(event.target); });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold], [data-fold-group]");
    if (button) fold(button);
    const sign = event.target.closest("button[data-why]");
    if (sign && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      why(sign.closest("td"));
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-column-tick], [data-row-tick]");
    if (button) onPanelButton(button);
  });
  form.addEventListener("submit", onSubmit);
  const isTouched = () => changedBoxes(form, rowsUnder, boxAt).length > 0;
  startMatrixLive({ form, rowsUnder, boxAt, refresh, isTouched, unfold: again });
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  document.querySelector("[data-filter]")?.addEventListener("input", (event) => filter(event.target.value));
}

if (form?.querySelector("[data-grid]")) start();
else if (bar) bar.hidden = true;
