// The panel on the right: docked from 1200 px, modal below; Escape closes; asks once with unsaved input.
import { isUnsaved } from "./forms.js";
import { askToLeave } from "./dialogs.js";

const docked = window.matchMedia("(min-width: 1200px)");
let cameFrom = null;
let walking = false;
let newest = null; // the last question for the panel

export const panel = () => document.querySelector("#panel-slot [data-panel]");

function setModal() {
  const open = panel();
  const modal = Boolean(open) && !docked.matches;
  document.querySelectorAll("#side, .st-top, #page").forEach((part) => { part.inert = modal; });
  if (!open) return;
  if (modal) {
    open.setAttribute("role", "dialog");
    open.setAttribute("aria-modal", "true");
  } else {
    open.removeAttribute("role");
    open.removeAttribute("aria-modal");
  }
}

function markRow() {
  const rows = [...document.querySelectorAll("#page tr[data-row]")];
  const bare = (address) => address.split("#")[0];
  const here = bare(location.href);
  rows.forEach((row) => { // `data-row` may name what it shows: it stays marked on every tab of its panel
    const mine = (row.dataset.row && here.includes(row.dataset.row)) || [...row.querySelectorAll("a[href]")].some((link) => bare(link.href) === here);
    row.classList.toggle("st-selected", Boolean(mine));
  });
}

export function panelShown(focus) {
  setModal();
  markRow();
  if (focus) panel()?.querySelector("[data-focus], #panel-title")?.focus();
}

// On a slow line an older answer may come after a newer one: only the newest is placed, and none once it was closed.
// Returns what says whether this question is still the newest.
export function asksForPanel() {
  const mine = {};
  newest = mine;
  return () => newest === mine;
}

// Where the focus goes when the panel closes, for a page that opens it by its own script.
export function openedFrom(part) {
  cameFrom = part;
}

export async function closePanel() {
  newest = null;
  const open = panel();
  if (!open) return false;
  if (isUnsaved(open) && !(await askToLeave())) return true;
  const address = open.querySelector("[data-close-panel]")?.href;
  document.getElementById("panel-slot").replaceChildren();
  if (address && address !== location.href) history.pushState({ htmx: true }, "", address);
  setModal();
  const row = document.querySelector("#page tr.st-selected a");
  markRow();
  const same = cameFrom?.getAttribute?.("href");
  const again = same ? document.querySelector(`#page a[href="${CSS.escape(same)}"]`) : null;
  (cameFrom?.isConnected ? cameFrom : again ?? row ?? document.getElementById("page"))?.focus();
  return true;
}

export function startPanel() {
  docked.addEventListener("change", setModal);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[hx-target='#panel-slot']");
    if (opener) {
      cameFrom = opener;
      // The arrow keys click by script: they open the next row's panel and stay in the list.
      walking = !event.isTrusted;
    }
    const closer = event.target.closest("[data-close-panel]");
    if (closer && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      closePanel();
    } else if (event.target.id === "panel-slot" && !docked.matches) closePanel();
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target;
    if (target?.id === "panel-slot" || target?.closest?.("#panel-slot")) {
      panelShown(!walking || !docked.matches);
    }
  });
  panelShown(!docked.matches);
}
