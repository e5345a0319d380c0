// Open pages that stay true: one small question every two seconds, only while the page is seen.
// 204 = nothing changed. Any page may use it: `watch` for an own handler, or mark a box with
//   <div id="columns" data-live-box data-live-href="..."> ... [data-slot="key"] ... </div>
// whose answer carries the same box. Rows that vanish are struck out for four seconds first.
import { isSignedOut } from "./again.js";
import { panelShown } from "./panel.js";
import { liveFailed, liveWorks, saySignedOut } from "./requests.js";

const EVERY = 2000;
const STRUCK = 4000;

export function watch(address, changed) {
  let stopped = false;
  let asking = false;
  async function ask() {
    if (stopped || asking || document.hidden) return;
    const href = address();
    if (!href) return;
    asking = true;
    try {
      const answer = await fetch(href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
      if (isSignedOut(answer)) {
        saySignedOut();
        return;
      }
      if (answer.redirected || answer.status >= 500) throw new Error(String(answer.status));
      liveWorks();
      // The page may ask for something else by now: an old answer is thrown away.
      if (answer.status === 200 && href === address()) await changed(await answer.text());
    } catch {
      liveFailed();
    } finally {
      asking = false;
    }
  }
  const timer = setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
  return () => { stopped = true; clearInterval(timer); };
}

export function parsed(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  return holder.content;
}

// Which of the shown times another took. The answer says it: `data-gone` names those that went, or
// `data-free` on its columns names every start that is free (a shifted grid is no loss).
export function takenSince(box, fresh) {
  const said = fresh.querySelector("[data-gone]");
  if (said) {
    const gone = new Set(said.dataset.gone.split(" "));
    return [...box.querySelectorAll("[data-slot]")].filter((row) => gone.has(row.dataset.slot));
  }
  const free = new Set([...fresh.querySelectorAll("[data-free]")].flatMap((column) => column.dataset.free.split(" ")));
  return [...box.querySelectorAll("[data-slot]")].filter((row) => !free.has(row.dataset.slot));
}

export function strike(rows, word) {
  rows.forEach((row) => {
    row.classList.add("st-struck");
    const sign = document.createElement("span");
    sign.className = "st-badge st-role-neutral st-struck-word";
    sign.textContent = word;
    (row.querySelector("[data-struck]") ?? row).append(sign);
    row.querySelectorAll("button").forEach((button) => { button.disabled = true; });
  });
  return new Promise((done) => { setTimeout(done, rows.length ? STRUCK : 0); });
}

function startBox(first) {
  const id = first.id;
  const box = () => document.getElementById(id);
  watch(() => box()?.dataset.liveHref, async (text) => {
    const fresh = parsed(text).getElementById(id);
    if (!fresh) return;
    const rows = takenSince(box(), fresh);
    const href = box().dataset.liveHref;
    if (rows.length) {
      const said = document.getElementById(`${id}-said`);
      if (said) said.textContent = rows.map((row) => `${row.dataset.clock} ${box().dataset.wordTaken}`).join(", ");
      box().removeAttribute("data-live-href"); // no second question while these are struck out
      await strike(rows, box().dataset.wordTaken);
    }
    if (!box() || (box().dataset.liveHref && box().dataset.liveHref !== href)) return;
    const at = document.activeElement;
    const slot = at?.closest?.("[data-slot]")?.dataset.slot;
    const part = box().contains(at) ? at.id : "";
    const [left, top] = [box().scrollLeft, box().scrollTop];
    box().replaceWith(fresh);
    box().scrollTo(left, top);
    window.htmx?.process(box());
    panelShown(false); // the row of the open panel is marked again
    if (slot) (box().querySelector(`[data-slot="${CSS.escape(slot)}"] button`) ?? box()).focus();
    else if (part) document.getElementById(part)?.focus();
  });
}

document.querySelectorAll("[data-live-box]").forEach(startBox);
