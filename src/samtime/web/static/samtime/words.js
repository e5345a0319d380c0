// Words of the page's language, written by the server into <template id="words">.
export function word(name) {
  return document.getElementById("words")?.dataset[name] ?? "";
}
