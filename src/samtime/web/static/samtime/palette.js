// Search or jump to: the server wrote the list, this filters it.
const dialog = () => document.getElementById("palette");
const fold = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

function options(all) {
  const lines = [...dialog().querySelectorAll("[role=option]")];
  return all ? lines : lines.filter((line) => !line.hidden);
}

function choose(line) {
  options(true).forEach((other) => {
    other.classList.toggle("st-chosen", other === line);
    other.setAttribute("aria-selected", String(other === line));
  });
  const input = dialog().querySelector("[data-palette-input]");
  if (line) {
    input.setAttribute("aria-activedescendant", line.id);
    line.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function filter(text) {
  const words = fold(text).split(/\s+/).filter(Boolean);
  options(true).forEach((line) => {
    const known = fold(line.dataset.words);
    line.hidden = !words.every((word) => known.includes(word));
  });
  const found = options(false);
  dialog().querySelector("[data-palette-none]").hidden = found.length > 0;
  choose(found[0]);
}

function onKey(event) {
  const found = options(false);
  const now = found.findIndex((line) => line.classList.contains("st-chosen"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(found[(now + step + found.length) % found.length]);
  } else if (event.key === "Enter" && found[now]) {
    event.preventDefault();
    found[now].querySelector("a").click();
  }
}

export function openPalette() {
  const box = dialog();
  if (!box || box.open) return;
  const input = box.querySelector("[data-palette-input]");
  input.value = "";
  filter("");
  box.showModal();
  input.focus();
}

export function startPalette() {
  const box = dialog();
  if (!box) return;
  const input = box.querySelector("[data-palette-input]");
  input.addEventListener("input", () => filter(input.value));
  input.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-palette]")) openPalette();
    if (event.target.closest("[data-open-shortcuts]")) document.getElementById("shortcuts").showModal();
  });
}
