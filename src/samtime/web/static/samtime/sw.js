// The page for when the network is gone. Only that page and its files are kept: never a page with data.
const KEPT = "samtime-offline-1";
const PAGE = "/offline/";

async function keep() {
  const answer = await fetch(PAGE, { credentials: "same-origin", cache: "reload" });
  if (!answer.ok) return;
  const cache = await caches.open(KEPT);
  const text = await answer.clone().text();
  await cache.put(PAGE, answer);
  const files = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  const seen = new Set();
  await Promise.allSettled(files.map((file) => keepFile(cache, file, seen)));
}

// A file, and the small modules that a script of ours imports.
async function keepFile(cache, file, seen) {
  if (seen.has(file)) return;
  seen.add(file);
  const answer = await fetch(file, { cache: "no-cache" });
  if (!answer.ok) return;
  const text = file.startsWith("/static/samtime/") && file.endsWith(".js") ? await answer.clone().text() : "";
  await cache.put(file, answer);
  const modules = [...text.matchAll(/from "\.\/([^"]+)"/g)].map((found) => `/static/samtime/${found[1]}`);
  await Promise.allSettled(modules.map((module) => keepFile(cache, module, seen)));
}

const kept = (address) => caches.match(address, { ignoreVary: true });

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(keep().catch(() => undefined));
});

self.addEventListener("activate", (event) => {
  const old = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(old());
});

// The page in the language that is read now.
self.addEventListener("message", (event) => {
  if (event.data === "keep") event.waitUntil(keep().catch(() => undefined));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(async () => (await kept(PAGE)) ?? Response.error()));
  } else if (request.method === "GET" && address.pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await kept(address.pathname)) ?? Response.error()));
  }
});
