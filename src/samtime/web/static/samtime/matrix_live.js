// The table of ticks stays true: what a colleague saves appears within seconds. A cell that somebody changed here and
// has not saved is left as it is and marked; its review shows both.
import { parsed, watch } from "./live.js";
import { columnOf, isChanged } from "./ticks.js";

const channels = (root) => [...root.querySelectorAll("thead [data-channel]")].map((head) => head.dataset.channel).join(" ");

function address(form) {
  const asked = new URL(location.href);
  ["column", "service"].forEach((name) => asked.searchParams.delete(name));
  asked.searchParams.set("since", form.dataset.live);
  return asked.href;
}

// The fresh cell in place of the old one; the tab stop and the focus stay where they were.
function swap(cell, fresh) {
  const old = cell.querySelector("input");
  const box = fresh.querySelector("input");
  if (old && box) {
    box.tabIndex = old.tabIndex;
    box.indeterminate = box.dataset.was === "some";
  }
  const focused = old && document.activeElement === old;
  cell.replaceWith(fresh);
  if (focused) box?.focus();
}

function told(count, contested) {
  const note = document.querySelector("[data-meanwhile]");
  const text = count === 1 ? note.dataset.one : `${note.dataset.many} ${count}.`;
  note.querySelector("span").textContent = contested ? `${text} ${note.dataset.contested}` : text;
  note.hidden = false;
}

function mergeRow(kit, row, fresh, found) {
  const below = kit.rowsUnder(row);
  let moved = false;
  [...row.children].forEach((cell) => {
    const index = columnOf(cell);
    const other = fresh.children[index];
    if (index === 0 || !other) return;
    const old = kit.boxAt(row, index);
    const box = kit.boxAt(fresh, index);
    const differs = old?.dataset.was !== box?.dataset.was;
    const touched = [old, ...below.map((under) => kit.boxAt(under, index))].filter((one) => one && isChanged(one));
    // Both wanted the same: nothing is left to save here.
    const agreed = touched.length && touched[0] === old && box?.dataset.was === (old.checked ? "all" : "none");
    const mine = touched.length > 0 && !agreed;
    if (differs) {
      found.count += 1;
      moved = true;
    }
    if (mine) {
      if (differs) {
        cell.classList.add("st-contested");
        found.contested += 1;
      }
      return;
    }
    const copy = other.cloneNode(true);
    if (differs) copy.classList.add("st-fresh");
    swap(cell, copy);
  });
  if (moved && below.length && !below.some((under) => [...under.querySelectorAll("input")].some(isChanged))) kit.unfold(row);
}

function merge(kit, text) {
  const { form } = kit;
  const fresh = parsed(text).getElementById("matrix");
  if (!fresh) return;
  form.dataset.live = fresh.dataset.live;
  if (channels(fresh) !== channels(form)) {
    // A column came or went: rows no longer fit cell by cell.
    if (!kit.isTouched()) location.reload();
    return;
  }
  form.querySelectorAll("td.st-fresh").forEach((cell) => cell.classList.remove("st-fresh"));
  const found = { count: 0, contested: 0 };
  fresh.querySelectorAll("[data-service]").forEach((line) => {
    const row = form.querySelector(`[data-service="${line.dataset.service}"]`);
    if (row) mergeRow(kit, row, line, found);
  });
  fresh.querySelectorAll("thead [data-count]").forEach((count) => {
    const own = form.querySelector(`thead [data-count="${count.dataset.count}"]`);
    if (own) own.textContent = count.textContent;
  });
  kit.refresh();
  if (found.count) told(found.count, found.contested);
}

export function startMatrixLive(kit) {
  if (kit.form.dataset.live) watch(() => address(kit.form), (text) => merge(kit, text));
}
