// A hold's countdown: m:ss from the server's seconds; amber under a minute; said at 2:00, 1:00 and 0:15.
const SAID = new Set([120, 60, 15]);

function show(box, left) {
  const text = box.querySelector("[data-countdown]");
  const minutes = Math.floor(left / 60);
  text.textContent = `${minutes}:${String(left % 60).padStart(2, "0")}`;
  box.classList.toggle("st-role-warn", left < 60);
  box.setAttribute("aria-live", SAID.has(left) ? "polite" : "off");
}

function start(box) {
  const end = Date.now() + Number(box.dataset.seconds) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    show(box, left);
    if (left > 0) setTimeout(tick, 1000);
  };
  tick();
}

document.querySelectorAll("[data-seconds]").forEach(start);
