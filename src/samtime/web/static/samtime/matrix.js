// The table of ticks: one tab stop, arrows and Space, dashes, and a bar that counts what is not saved.
const form = document.querySelector("[data-matrix]");
const bar = document.querySelector("[data-change-bar]");

const rowsUnder = (row) => [...form.querySelectorAll(`[data-under="${row.dataset.service}"]`)];
const boxAt = (row, index) => row.children[index]?.querySelector("input[type=checkbox]");
const serviceRows = (body) => [...body.querySelectorAll("[data-service]")];

function changed(box) {
  if (box.dataset.was === "some") return !box.indeterminate;
  return !box.indeterminate && box.checked !== (box.dataset.was === "all");
}

function common(boxes) {
  const on = boxes.filter((box) => box.checked).length;
  const some = boxes.some((box) => box.indeterminate) || (on > 0 && on < boxes.length);
  return { checked: !some && boxes.length > 0 && on === boxes.length, some };
}

function show(box, state) {
  box.checked = state.checked;
  box.indeterminate = state.some;
}

// A service's tick is its practitioners' together; a group's tick is its services'.
function refreshColumn(body, index) {
  serviceRows(body).forEach((row) => {
    const own = boxAt(row, index);
    const below = rowsUnder(row).map((under) => boxAt(under, index)).filter(Boolean);
    if (own && below.length) show(own, common(below));
  });
  const group = body.querySelector("tr")?.children[index]?.querySelector("input");
  const boxes = serviceRows(body).map((row) => boxAt(row, index)).filter(Boolean);
  if (group) show(group, common(boxes));
}

function sent() {
  // What a save would send: a service's change covers its practitioners.
  const found = [];
  form.querySelectorAll("[data-service]").forEach((row) => {
    [...row.children].forEach((cell, index) => {
      const own = cell.querySelector("input[name=on]");
      if (!own) return;
      if (changed(own)) found.push(own);
      else rowsUnder(row).map((under) => boxAt(under, index)).filter((box) => box && changed(box)).forEach((box) => found.push(box));
    });
  });
  return found;
}

function count() {
  form.querySelectorAll("td > label > input[name=on]").forEach((box) => {
    const cell = box.closest("td");
    const differs = changed(box);
    cell.classList.toggle("st-changed", differs);
    cell.classList.toggle("st-less", differs && !box.checked);
  });
  if (!bar) return;
  const boxes = sent();
  const added = boxes.filter((box) => box.checked).length;
  const words = bar.querySelector("[data-change-words]");
  bar.hidden = boxes.length === 0;
  bar.querySelector("[data-change-count]").textContent = `${boxes.length} ${boxes.length === 1 ? words.dataset.one : words.dataset.many}`;
  words.textContent = `${added} ${words.dataset.added}, ${boxes.length - added} ${words.dataset.removed}`;
}

function onChange(event) {
  const box = event.target;
  const cell = box.closest("td");
  if (!cell) return;
  const row = cell.parentElement;
  const body = row.closest("tbody");
  const index = [...row.children].indexOf(cell);
  box.indeterminate = false;
  if (box.dataset.groupTick) {
    serviceRows(body).filter((line) => !line.hidden).forEach((line) => tickService(line, index, box.checked));
  } else if (row.dataset.service) tickService(row, index, box.checked);
  refreshColumn(body, index);
  count();
}

function tickService(row, index, checked) {
  [row, ...rowsUnder(row)].map((line) => boxAt(line, index)).filter(Boolean).forEach((box) => show(box, { checked, some: false }));
}

function move(event) {
  const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  const step = steps[event.key];
  const cell = event.target.closest("td");
  if (!step || !cell) return;
  event.preventDefault();
  const rows = [...form.querySelectorAll("tbody tr")].filter((row) => row.offsetParent !== null);
  let down = rows.indexOf(cell.parentElement);
  let across = [...cell.parentElement.children].indexOf(cell);
  for (;;) {
    down += step[0];
    across += step[1];
    const row = rows[down];
    if (!row || across < 1 || across >= row.children.length) return;
    const box = boxAt(row, across);
    if (box && box.offsetParent !== null) {
      stop(box);
      box.focus();
      return;
    }
  }
}

function stop(box) {
  form.querySelectorAll("input[type=checkbox]").forEach((other) => { other.tabIndex = other === box ? 0 : -1; });
}

function fold(button) {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  const row = button.closest("tr");
  if (button.hasAttribute("data-fold")) rowsUnder(row).forEach((under) => { under.hidden = !open; });
  else {
    serviceRows(row.closest("tbody")).forEach((line) => {
      line.hidden = !open;
      const wide = line.querySelector("[data-fold]")?.getAttribute("aria-expanded") === "true";
      rowsUnder(line).forEach((under) => { under.hidden = !open || !wide; });
    });
  }
}

function filter(text) {
  const wanted = text.trim().toLowerCase();
  form.querySelectorAll("[data-group]").forEach((body) => {
    let any = false;
    serviceRows(body).forEach((row) => {
      const fits = row.dataset.name.includes(wanted);
      row.hidden = !fits;
      const wide = row.querySelector("[data-fold]")?.getAttribute("aria-expanded") === "true";
      rowsUnder(row).forEach((under) => { under.hidden = !fits || !wide; });
      any ||= fits;
    });
    body.hidden = !any;
  });
}

function onSubmit() {
  const boxes = new Set(sent());
  const was = [...boxes].filter((box) => box.dataset.was === "all").map((box) => box.value);
  form.querySelectorAll("input[name=on]").forEach((box) => { box.disabled = !boxes.has(box); });
  form.elements.was.value = was.join(" ");
}

function start() {
  form.querySelectorAll("[hidden][data-fold], [hidden][data-fold-group], [hidden][data-group-tick]").forEach((part) => { part.hidden = false; });
  document.querySelectorAll("[data-needs-script]").forEach((part) => { part.hidden = false; });
  form.querySelectorAll("[data-under]").forEach((row) => { row.hidden = true; });
  form.querySelectorAll("[data-group]").forEach((body) => {
    const width = body.querySelector("tr").children.length;
    for (let index = 1; index < width; index += 1) refreshColumn(body, index);
  });
  // What is not saved is seen: a practitioner's change unfolds its service.
  form.querySelectorAll("[data-service]").forEach((row) => {
    const below = rowsUnder(row);
    const touched = below.some((under) => [...under.querySelectorAll("input[name=on]")].some(changed));
    const button = row.querySelector("[data-fold]");
    if (touched && button && sent().some((box) => below.includes(box.closest("tr")))) fold(button);
  });
  const first = [...form.querySelectorAll("input[type=checkbox]")].find((box) => box.offsetParent !== null);
  stop(first);
  count();
  form.addEventListener("change", onChange);
  form.addEventListener("keydown", move);
  form.addEventListener("focusin", (event) => { if (event.target.matches("input[type=checkbox]")) stop(event.target); });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fold], [data-fold-group]");
    if (button) fold(button);
  });
  form.addEventListener("submit", onSubmit);
  window.addEventListener("pageshow", (event) => { if (event.persisted) window.location.reload(); });
  document.querySelector("[data-filter]")?.addEventListener("input", (event) => filter(event.target.value));
}

if (form) start();
