// Confirmation: a link to a page that works alone; with a <dialog> of that id on the page, it opens in place.
import { word } from "./words.js";

export function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[data-close-dialog], button")?.focus();
}

// One question with two buttons in our own dialog; resolves to true for leaving.
export function askToLeave() {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "st-dialog";
    const body = document.createElement("div");
    body.className = "st-dialog-body";
    const text = document.createElement("p");
    text.id = "leave-text";
    text.textContent = word("unsaved");
    dialog.setAttribute("aria-labelledby", "leave-text");
    const foot = document.createElement("div");
    foot.className = "st-dialog-foot";
    for (const [name, answer, css] of [["stay", false, "st-btn"], ["leave", true, "st-btn st-btn-danger"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = css;
      button.textContent = word(name);
      button.addEventListener("click", () => { dialog.close(); resolve(answer); });
      foot.append(button);
    }
    dialog.addEventListener("close", () => { dialog.remove(); resolve(false); });
    body.append(text, foot);
    dialog.append(body);
    document.body.append(dialog);
    dialog.showModal();
  });
}

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    const dialog = opener && document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      openDialog(dialog);
      return;
    }
    const closer = event.target.closest("[data-close-dialog]");
    if (closer?.closest("dialog")) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
    if (event.target.matches("dialog.st-dialog")) event.target.close();
  });
}
