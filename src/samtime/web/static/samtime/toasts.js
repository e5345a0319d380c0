// A toast stays 6 seconds, longer while it is pointed at or has the focus.
const STAYS = 6000;

function watch(toast) {
  let timer = setTimeout(() => toast.remove(), STAYS);
  const hold = () => clearTimeout(timer);
  const go = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), STAYS); };
  toast.addEventListener("mouseenter", hold);
  toast.addEventListener("mouseleave", go);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", go);
}

export function startToasts() {
  const box = document.getElementById("toasts");
  if (!box) return;
  box.querySelectorAll("[data-toast]").forEach(watch);
  new MutationObserver((changes) => {
    changes.flatMap((change) => [...change.addedNodes]).forEach((node) => {
      if (node.matches?.("[data-toast]")) watch(node);
    });
  }).observe(box, { childList: true });
  box.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-toast]")) event.target.closest("[data-toast]").remove();
  });
}
