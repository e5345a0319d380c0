// Keeps the page that is shown without a network, and comes back by itself when there is one again.
const ASK_EVERY = 3000;
const READ = "st-offline-language";

async function keepForLater() {
  await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  const ready = await navigator.serviceWorker.ready;
  const language = document.documentElement.lang;
  if (localStorage.getItem(READ) === language) return;
  ready.active?.postMessage("keep");
  localStorage.setItem(READ, language);
}

// Not only the network may be away: the server is asked until it answers.
async function comeBack() {
  const answer = await fetch("/health/live", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

export function startOffline() {
  if (document.querySelector("[data-offline]") && location.pathname !== "/offline/") {
    window.addEventListener("online", comeBack);
    setInterval(comeBack, ASK_EVERY);
    return;
  }
  if ("serviceWorker" in navigator) keepForLater().catch(() => undefined);
}
