// The small parts that the builder of monitors is made of.

let count = 0;

// An element with attributes, listeners (names that begin with "on") and children. Nothing is ever parsed as HTML.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

// A control with its label above it, or, when it `isHidden`, for those only who cannot see what stands around it.
export function labelled(label, control, isHidden = false) {
  count += 1;
  control.id = `builder-${count}`;
  const text = el("label", { for: control.id, class: isHidden ? "visually-hidden" : "form-label" }, label);
  return el("div", { class: isHidden ? "builder-part" : "builder-field" }, text, control);
}

// A choice among pairs of a value and its text. `key` names it for the focus, which stays where it was.
export function select(options, chosen, key, change) {
  const control = el("select", { class: "form-select", "data-key": key, onchange: () => change(control.value) });
  for (const [value, text] of options) {
    const option = el("option", { value }, text);
    option.selected = value === chosen;
    control.append(option);
  }
  return control;
}

export function input(type, value, key, change) {
  const more = type === "number" ? { step: "any" } : {};
  const attributes = { class: "form-control", type, dir: "auto", autocomplete: "off", "data-key": key, ...more };
  const control = el("input", { ...attributes, oninput: () => change(control.value) });
  control.value = value;
  return control;
}

export function button(text, key, press, kind = "") {
  return el("button", { type: "button", class: `btn btn-sm ${kind}`, "data-key": key, onclick: press }, text);
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
