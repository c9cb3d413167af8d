// Rows of the form for SOC reports come and go, and a review goes to the printer. Without it every list has one empty
// row, and emptied ones go with the next save.
function changed(rows) {
  rows.closest("form").dispatchEvent(new Event("rows-changed", { bubbles: true }));
}

function clear(row) {
  for (const field of row.querySelectorAll("input, textarea")) field.value = "";
  for (const select of row.querySelectorAll("select")) select.selectedIndex = 0;
}

function number(rows) {
  rows.querySelectorAll("[data-row]").forEach((row, place) => {
    for (const field of row.querySelectorAll("[aria-label]:not([data-remove])")) {
      field.setAttribute("aria-label", field.getAttribute("aria-label").replace(/, \d+$/, `, ${place + 1}`));
    }
  });
}

for (const rows of document.querySelectorAll("[data-rows]")) {
  const add = rows.querySelector("[data-add]");
  if (rows.closest("fieldset:disabled")) continue;
  add.hidden = false;
  for (const button of rows.querySelectorAll("[data-remove]")) button.hidden = false;
  add.addEventListener("click", () => {
    const all = rows.querySelectorAll("[data-row]");
    const row = all[all.length - 1].cloneNode(true);
    clear(row);
    add.before(row);
    number(rows);
    row.querySelector("input, textarea").focus();
  });
  rows.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove]");
    if (!button) return;
    const row = button.closest("[data-row]");
    if (rows.querySelectorAll("[data-row]").length > 1) row.remove();
    else clear(row);
    number(rows);
    rows.closest("form").dataset.dirty = "yes";
    changed(rows);
    add.focus();
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
