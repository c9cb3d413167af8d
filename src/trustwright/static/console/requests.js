// Ticks all requests of a page at once, and says how many are ticked.
function ticks(root) {
  for (const form of root.querySelectorAll("form[data-ticks]")) {
    const all = form.querySelector("[data-tick-all]");
    const count = form.querySelector("[data-tick-count]");
    if (!all || !count) continue;
    const boxes = [...form.querySelectorAll("input[name=request]")];
    const say = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      count.textContent = ticked ? `${ticked} ticked:` : "With the ticked requests:";
      all.checked = ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    };
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      say();
    });
    form.addEventListener("change", say);
    say();
  }
}

ticks(document);
document.body.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) ticks(event.detail.elt);
});
