// The line of now and the time beside it go on while the page stands open.
const met = new WeakMap();
const CELL = 5;

// They are drawn for the minute in which the page was made, by the clock of the place.
export function moveNow(columns) {
  const first = Number(columns.dataset.first) * 60;
  columns.querySelectorAll("[data-now]").forEach((mark) => {
    if (!met.has(mark)) met.set(mark, Date.now());
    const minute = Number(mark.dataset.now) + Math.floor((Date.now() - met.get(mark)) / 60000);
    const isOver = minute < first || minute >= Number(columns.dataset.last) * 60;
    mark.hidden = isOver;
    if (isOver) return;
    const place = `st-h-${Math.floor(minute / 60)} st-m-${Math.floor((minute % 60) / CELL)}`;
    const name = mark.classList[0];
    if (mark.className !== `${name} ${place}`) mark.className = `${name} ${place}`;
    const time = [Math.floor(minute / 60), minute % 60].map((n) => String(n).padStart(2, "0")).join(":");
    if (name === "st-now-time" && mark.textContent !== time) mark.textContent = time;
  });
}
