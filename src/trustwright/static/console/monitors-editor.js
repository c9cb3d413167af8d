// The editor of monitors: a builder beside the JSON of a definition. The JSON is what is sent; the builder is a form
// over it, and each follows the other.
import { button, el, isObject, labelled, select } from "./monitors-dom.js";
import { firstGroup, groupEditor } from "./monitors-groups.js";

const PAUSE = 250;

class Editor {
  constructor(root) {
    this.options = JSON.parse(root.dataset.builder);
    this.root = root;
    this.text = document.getElementById("f-definition");
    this.note = document.getElementById("definition-note");
    this.model = {};
    this.text.addEventListener("input", (event) => {
      if (event.isTrusted) this.later();
    });
    this.read();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.read(), PAUSE);
  }

  // The JSON was typed: the builder follows as soon as it can be read.
  read() {
    try {
      this.model = JSON.parse(this.text.value);
      this.note.textContent = "";
    } catch (error) {
      this.note.textContent = `The builder waits, for this is no JSON yet: ${error.message}`;
      for (const control of this.root.querySelectorAll("button, input, select, textarea")) control.disabled = true;
      return;
    }
    this.show();
  }

  // The builder was used: the JSON follows.
  write() {
    this.text.value = JSON.stringify(this.model, null, 2);
    this.text.dispatchEvent(new Event("input", { bubbles: true }));
  }

  rebuild(key) {
    this.write();
    this.show();
    const found = [...this.root.querySelectorAll("[data-key]")].find((control) => control.dataset.key === key);
    found?.focus();
  }

  show() {
    if (!isObject(this.model) || !Array.isArray(this.model.groups)) {
      this.root.replaceChildren(el("p", {}, "The builder shows a definition that has a list of groups."));
      return;
    }
    const model = this.model;
    const add = () => {
      model.groups.push(firstGroup(this));
      this.rebuild(`groups[${model.groups.length - 1}].source`);
    };
    this.root.replaceChildren(
      ...model.groups.map((group, number) =>
        isObject(group) ? groupEditor(this, group, number) : el("code", {}, JSON.stringify(group)),
      ),
      el("div", {}, button("Add a group", "groups.add", add)),
      this.setting("validationRequirement", "What must pass", this.options.requirements),
      this.setting("onEmpty", "Without records", this.options.empties),
      this.unknown(),
    );
  }

  setting(name, label, options) {
    const change = (value) => {
      this.model[name] = value;
      this.write();
    };
    return labelled(label, select(options, this.model[name] ?? options[0][0], name, change));
  }

  unknown() {
    const box = el("input", {
      type: "checkbox",
      class: "form-check-input",
      "data-key": "allowUnknownFields",
      onchange: () => {
        if (box.checked) this.model.allowUnknownFields = true;
        else delete this.model.allowUnknownFields;
        this.rebuild("allowUnknownFields");
      },
    });
    box.checked = this.model.allowUnknownFields === true;
    const text = el("span", { class: "form-check-label" }, "Allow fields that the schema does not list");
    return el("label", { class: "form-check" }, box, text);
  }
}

// What is wrong with a trial is shown like what came of it.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "trial" || event.detail.xhr.status >= 500) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

const root = document.getElementById("builder");
if (root) new Editor(root);
