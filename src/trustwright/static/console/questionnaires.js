// The editor of a template: what its buttons do by sending the form is done here at once, and items can be dragged.
const editor = document.getElementById("editor");

function say(text) {
  editor.querySelector("[data-said]").textContent = text;
}

function changed() {
  editor.dataset.dirty = "yes";
}

function placeOf(item) {
  return `${[...item.parentElement.children].indexOf(item) + 1} of ${item.parentElement.children.length}`;
}

function move(button, item, verb) {
  const other = verb === "up" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (verb === "up") other.before(item);
  else other.after(item);
  button.focus();
  say(`Now ${placeOf(item)}`);
}

function remove(item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  (next?.querySelector("[data-remove]") ?? editor.querySelector("[value=question]")).focus();
  say("Removed");
}

editor.addEventListener("click", (event) => {
  const button = event.target.closest("[data-up], [data-down], [data-remove]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("[data-item]");
  if ("remove" in button.dataset) remove(item);
  else move(button, item, "up" in button.dataset ? "up" : "down");
  changed();
});

// The heading of a question says what is typed and chosen below it.
editor.addEventListener("input", (event) => {
  const said = (name) => event.target.closest("[data-item]").querySelector(name);
  if (event.target.matches("[data-question]")) {
    said("[data-text]").textContent = event.target.value.trim().slice(0, 160) || "New question";
  } else if (event.target.matches("[data-type]")) {
    said("[data-kind]").textContent = event.target.selectedOptions[0].text;
  }
});

let dragged = null;

editor.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest("[data-grip]");
  if (grip) grip.closest("[data-item]").draggable = true;
});

editor.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-item]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", "");
  dragged.classList.add("is-dragged");
});

editor.addEventListener("dragover", (event) => {
  const over = dragged && event.target.closest("[data-item]");
  if (!over) return;
  event.preventDefault();
  if (over === dragged) return;
  const box = over.getBoundingClientRect();
  if (event.clientY < box.top + box.height / 2) over.before(dragged);
  else over.after(dragged);
});

editor.addEventListener("drop", (event) => dragged && event.preventDefault());

editor.addEventListener("dragend", () => {
  if (!dragged) return;
  dragged.draggable = false;
  dragged.classList.remove("is-dragged");
  say(`Now ${placeOf(dragged)}`);
  dragged = null;
  changed();
});

function showGrips() {
  for (const grip of editor.querySelectorAll("[data-grip]")) grip.hidden = false;
}

showGrips();
editor.addEventListener("htmx:afterSwap", () => {
  showGrips();
  changed();
});
// What a link in the list of faults leads to is opened.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#item-']");
  const details = link && document.querySelector(`${link.getAttribute("href")} details`);
  if (details) details.open = true;
});
