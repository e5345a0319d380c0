// What a box of the table of ticks says, and which boxes differ from how they came.

export const columnOf = (cell) => [...cell.parentElement.children].indexOf(cell);

export function isChanged(box) {
  if (box.dataset.was === "some") return !box.indeterminate;
  return !box.indeterminate && box.checked !== (box.dataset.was === "all");
}

export function common(boxes) {
  const on = boxes.filter((box) => box.checked).length;
  const some = boxes.some((box) => box.indeterminate) || (on > 0 && on < boxes.length);
  return { checked: !some && boxes.length > 0 && on === boxes.length, some };
}

export function show(box, state) {
  box.checked = state.checked;
  box.indeterminate = state.some;
}

// What a save would send: a service's change covers its practitioners.
export function changedBoxes(form, rowsUnder, boxAt) {
  const found = [];
  form.querySelectorAll("[data-service]").forEach((row) => {
    const below = rowsUnder(row);
    [...row.children].forEach((_cell, index) => {
      const own = boxAt(row, index);
      if (own?.name !== "on") return;
      if (isChanged(own)) found.push(own);
      else found.push(...below.map((under) => boxAt(under, index)).filter((box) => box && isChanged(box)));
    });
  });
  return found;
}
