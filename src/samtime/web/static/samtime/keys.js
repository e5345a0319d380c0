// The keyboard map (SCREENS.md 10): single letters only outside text fields, and only when the person wants them.
import { openPalette } from "./palette.js";
import { closeMenus } from "./menus.js";
import { closePanel, panel } from "./panel.js";

let waitsForG = 0;

const typing = (element) => Boolean(element?.closest?.(
  "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable], [role=grid], [role=combobox]",
));
const dialogOpen = () => Boolean(document.querySelector("dialog[open]"));

function press(selector, root = document) {
  const found = [...root.querySelectorAll(selector)].find((part) => part.offsetParent !== null);
  found?.click();
  return Boolean(found);
}

function moveRow(step) {
  const links = [...document.querySelectorAll("#page tr[data-row] th[scope=row] a, #page tr[data-row] td:first-child a")];
  if (!links.length) return false;
  const focused = links.indexOf(document.activeElement);
  const marked = links.findIndex((link) => link.closest("tr").classList.contains("st-selected"));
  const now = focused >= 0 ? focused : marked;
  const next = links[Math.min(Math.max(now + step, 0), links.length - 1)];
  next.focus();
  if (panel() && next.matches("[hx-target='#panel-slot']")) next.click();
  return true;
}

function single(event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (waitsForG && Date.now() - waitsForG < 1500) {
    waitsForG = 0;
    const link = document.querySelector(`a[data-go="${CSS.escape(key)}"]`); // also in a folded group
    link?.click();
    return Boolean(link);
  }
  switch (key) {
    case "g": waitsForG = Date.now(); return true;
    case "/": openPalette(); return true;
    case "?": document.getElementById("shortcuts")?.showModal(); return true;
    case "j": case "ArrowDown": return moveRow(1);
    case "k": case "ArrowUp": return moveRow(-1);
    case "n": return press("#page .st-btn-primary");
    default: {
      const selector = `[data-key="${CSS.escape(key)}"]`;
      const row = document.activeElement?.closest("tr[data-row]");
      return [row, panel(), document].some((root) => root && press(selector, root));
    }
  }
}

async function onKey(event) {
  const control = event.ctrlKey || event.metaKey;
  if (control && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
    return;
  }
  if (dialogOpen() || event.defaultPrevented) return;
  if (event.key === "Escape") {
    // Else the browser would close the question that closePanel may open with this very key.
    event.preventDefault();
    if (!closeMenus()) await closePanel();
    return;
  }
  if (control && event.key === "Enter") {
    if (press(".st-btn-primary", panel() ?? document)) event.preventDefault();
    return;
  }
  if (control || event.altKey || typing(event.target)) return;
  const letter = event.key.length === 1;
  if (letter && document.body.dataset.singleKeys !== "yes") return;
  if (event.target.closest?.("details[data-menu]") && !letter) return;
  if (single(event)) event.preventDefault();
}

export function startKeys() {
  document.addEventListener("keydown", onKey);
}
