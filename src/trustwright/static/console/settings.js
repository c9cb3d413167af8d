// A box that stands for a whole area of permissions ticks its boxes, and is ticked when they all are.
for (const area of document.querySelectorAll("[data-area]")) {
  const all = area.querySelector("[data-area-all]");
  const boxes = [...area.querySelectorAll("input[name=permissions]")];
  const follow = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    all.indeterminate = false;
  });
  area.addEventListener("change", (event) => event.target !== all && follow());
  if (all.checked) for (const box of boxes) box.checked = true;
  follow();
  area.addEventListener("change", () => {
    document.querySelector("input[name=scope][value=chosen]").checked = true;
  });
}
