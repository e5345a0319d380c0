// Drop-downs of the frame are <details>; they close on Escape, on a click beside, and when another opens.
const phone = window.matchMedia("(max-width: 767.98px)");

function closeOthers(kept) {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (menu !== kept && !menu.contains(kept)) menu.open = false;
  });
}

function openSide(open) {
  document.body.classList.toggle("st-side-open", open);
  document.querySelector("[data-open-side]")?.setAttribute("aria-expanded", String(open));
  const target = open ? document.querySelector("#side a") : document.querySelector("[data-open-side]");
  if (phone.matches) target?.focus();
}

export function closeMenus() {
  const open = document.querySelector("details[data-menu][open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  }
  if (document.body.classList.contains("st-side-open")) {
    openSide(false);
    return true;
  }
  return false;
}

function rememberFolds() {
  document.querySelectorAll("details[data-fold]").forEach((group) => {
    const key = `st-fold-${group.dataset.fold}`;
    const inUse = group.querySelector("[aria-current]");
    const chosen = localStorage.getItem(key);
    if (chosen && !inUse) group.open = chosen === "open";
    group.addEventListener("toggle", () => localStorage.setItem(key, group.open ? "open" : "closed"));
  });
}

export function startMenus() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open-side]");
    if (opener) {
      event.preventDefault();
      openSide(!document.body.classList.contains("st-side-open"));
      return;
    }
    if (!event.target.closest("#side")) document.body.classList.remove("st-side-open");
    if (!event.target.closest("details[data-menu]")) closeOthers(null);
  });
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details[data-menu]") && event.target.open) closeOthers(event.target);
  }, true);
  // The foot of a printed page: its address, and when it was printed by this computer's clock.
  window.addEventListener("beforeprint", () => {
    const now = new Date().toLocaleString(document.documentElement.lang);
    document.querySelectorAll("[data-printed]").forEach((foot) => { foot.textContent = `${location.href} · ${now}`; });
  });
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  rememberFolds();
  document.querySelector("#side [aria-current]")?.scrollIntoView({ block: "nearest" });
}
