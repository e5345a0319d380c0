// A hold's countdown: m:ss from the server's seconds; amber under a minute; said at 2:00, 1:00 and 0:15 only.
// <div data-seconds="300" data-of="300" data-say-120=".." ..> [data-countdown] [data-ring] [data-calm] [data-low] </div>
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const SAID = [120, 60, 15];

function speaker(box) {
  const own = document.querySelector("[data-said]");
  if (own) return own;
  const made = document.createElement("span");
  made.className = "st-hidden";
  made.setAttribute("role", "status");
  box.append(made);
  return made;
}

function show(box, left) {
  const text = box.querySelector("[data-countdown]");
  text.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  const low = left < 60;
  box.classList.toggle("st-role-warn", low);
  const calm = box.querySelector("[data-calm]");
  const warn = box.querySelector("[data-low]");
  if (calm && warn) [calm.hidden, warn.hidden] = [low, !low];
  const ring = box.querySelector("[data-ring]");
  if (ring && !still.matches) ring.setAttribute("stroke-dashoffset", String(100 - (100 * left) / Number(box.dataset.of || 300)));
  if (SAID.includes(left)) {
    const words = box.getAttribute(`data-say-${left}`);
    if (words) speaker(box).textContent = words;
  }
}

function start(box) {
  if (box.dataset.running) return;
  box.dataset.running = "yes";
  const end = Date.now() + Number(box.dataset.seconds) * 1000;
  const tick = () => {
    if (!box.isConnected) return;
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    show(box, left);
    if (left > 0) setTimeout(tick, 1000);
    else box.dispatchEvent(new CustomEvent("st:over", { bubbles: true }));
  };
  tick();
}

export function startCountdowns(root = document) {
  root.querySelectorAll("[data-seconds]").forEach(start);
}

startCountdowns();
