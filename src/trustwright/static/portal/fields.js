/* One question on the page: its label, its control, its comment, and the answer they amount to. */

import { choices, isGiven } from "./rules.js";

const RADIOS_AT_MOST = 8;
const SHORT = 1000;
const LONG = 30000;
const ENDINGS = ".pdf,.docx,.odt,.doc,.xlsx,.ods,.pptx,.odp,.gif,.jpg,.jpeg,.png,.csv";
const COMMENTED = ["yes_no", "yes_no_na", "single", "multi", "file"];

/* An element with properties and children; texts become text and never HTML. */
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-")) element.setAttribute(key, value);
    else element[key] = value;
  }
  // What people wrote runs in its own direction, whatever the page's is.
  if (element.classList.contains("written") || name === "textarea") element.dir = "auto";
  element.append(...children.filter((child) => child !== null));
  return element;
}

export class Field {
  /* `page` has: changed(id), attach(field, file), files: what is known of files by id. */
  constructor(question, page) {
    this.question = question;
    this.page = page;
    this.id = `q-${question.id}`;
    this.error = el("p", { className: "error", id: `${this.id}-error`, hidden: true });
    this.other = el("div", { className: "other", hidden: true });
    this.element = this.#build();
  }

  /* What is entered; undefined when it cannot be an answer. */
  get answer() {
    const value = this.#value();
    const comment = this.comment?.value.replaceAll("\0", "") ?? "";
    return value === undefined ? undefined : { value, comment };
  }

  set answer(answer) {
    this.#setValue(answer?.value ?? null);
    if (this.comment) {
      if (this.comment.value !== (answer?.comment ?? "")) this.comment.value = answer?.comment ?? "";
      this.#showComment(this.comment.value !== "");
    }
    this.#showClear();
    this.grow();
  }

  /* Whether what is entered can be saved; says so at the field. */
  check() {
    const faults = { number: "Write a number, such as 12 or 0.5", date: "Write a date as day, month and year" };
    const bad = this.#value() === undefined;
    this.showError(bad ? faults[this.question.type] : "");
    return !bad;
  }

  showError(text) {
    this.error.textContent = text ? `Error: ${text}` : "";
    this.error.hidden = !text;
    this.element.classList.toggle("faulty", Boolean(text));
    for (const control of this.controls) {
      if (text) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    }
  }

  /* What somebody else answered while this was typed, with a way to take it over. */
  showOther(words, take) {
    const button = el("button", { type: "button", className: "quiet" }, "Use that answer");
    button.addEventListener("click", () => {
      take();
      this.hideOther();
      this.focus();
    });
    this.other.replaceChildren(
      el("p", {}, "Somebody else answered this meanwhile. Yours is kept; theirs was:"),
      el("blockquote", { className: "written" }, words),
      button,
    );
    this.other.hidden = false;
  }

  hideOther() {
    this.other.hidden = true;
  }

  focus() {
    const chosen = this.controls.find((control) => control.checked);
    (chosen ?? this.controls[0]).focus();
  }

  grow() {
    // Where field-sizing is not known to the browser.
    for (const area of this.element.querySelectorAll("textarea")) {
      if (CSS.supports("field-sizing", "content") || area.offsetParent === null) continue;
      area.style.height = "auto";
      area.style.height = `${area.scrollHeight + 4}px`;
    }
  }

  #build() {
    const { question } = this;
    const words = [question.text];
    if (question.required) words.push(" ", el("span", { className: "hint" }, "(required)"));
    const help = question.help ? el("p", { className: "help written", id: `${this.id}-help` }, question.help) : null;
    const described = [help?.id, this.error.id].filter(Boolean).join(" ");
    const control = this.#control(described);
    const parts = [help, this.error, control, this.other, this.#commentBox()].filter(Boolean);
    const box = el("div", { className: "question", id: this.id });
    if (COMMENTED.includes(question.type)) {
      const legend = el("legend", { id: `${this.id}-legend`, className: "written" }, ...words);
      box.append(el("fieldset", { "aria-describedby": described }, legend, ...parts));
    } else {
      box.append(el("label", { htmlFor: this.controls[0].id, className: "written" }, ...words), ...parts);
    }
    box.addEventListener("input", (event) => event.target.type !== "file" && this.#changed());
    box.addEventListener("focusout", () => !this.error.hidden || this.check());
    return box;
  }

  #changed() {
    this.error.hidden || this.check();
    this.hideOther();
    this.#showClear();
    this.grow();
    this.page.changed(this.question.id);
  }

  #control(described) {
    const { question, id } = this;
    const attributes = { id: `${id}-control`, name: id, "aria-describedby": described };
    if (question.required) attributes["aria-required"] = "true";
    switch (question.type) {
      case "short_text":
        return this.#single(el("input", { type: "text", maxLength: SHORT, dir: "auto", ...attributes }));
      case "number":
        return this.#single(el("input", { type: "text", inputMode: "decimal", autocomplete: "off", ...attributes }));
      case "date":
        return this.#single(el("input", { type: "date", max: "9999-12-31", ...attributes }));
      case "long_text":
        return this.#single(el("textarea", { rows: 3, maxLength: LONG, ...attributes }));
      case "file":
        return this.#fileControl(attributes);
      case "single":
        if (question.options.length > RADIOS_AT_MOST) return this.#select(attributes);
    }
    return this.#choices(question.type === "multi" ? "checkbox" : "radio");
  }

  #single(control) {
    this.controls = [control];
    return control;
  }

  #select(attributes) {
    const options = choices(this.question).map(([value, words]) => el("option", { value }, words));
    const none = el("option", { value: "" }, "Choose an option");
    return this.#single(el("select", { ...attributes, "aria-labelledby": `${this.id}-legend` }, none, ...options));
  }

  #choices(type) {
    const pairs = choices(this.question);
    this.controls = pairs.map(([value], place) => el("input", { type, value, name: this.id, id: `${this.id}-${place}` }));
    const labels = pairs.map(([, words], place) =>
      el("label", { className: "choice" }, this.controls[place], el("span", { className: "written" }, words)),
    );
    this.clear = el("button", { type: "button", className: "quiet clear", hidden: true }, "Clear the answer");
    this.clear.addEventListener("click", () => {
      this.#setValue(null);
      this.controls[0].focus();
      this.#changed();
    });
    const few = pairs.length <= 3 && pairs.every(([, words]) => words.length <= 16);
    return el("div", { className: few ? "choices row" : "choices" }, ...labels, this.clear);
  }

  #fileControl(attributes) {
    const input = this.#single(el("input", { type: "file", accept: ENDINGS, multiple: true, ...attributes }));
    input.setAttribute("aria-label", "Attach a file");
    input.addEventListener("change", async () => {
      for (const file of input.files) await this.page.attach(this, file);
      input.value = "";
    });
    this.held = [];
    this.list = el("ul", { className: "files" });
    return el("div", {}, this.list, input);
  }

  #commentBox() {
    if (!COMMENTED.includes(this.question.type)) return null;
    const id = `${this.id}-comment`;
    this.comment = el("textarea", { id, rows: 2, maxLength: LONG });
    this.commentRow = el("div", { className: "comment", hidden: true }, el("label", { htmlFor: id }, "Comment"), this.comment);
    this.commentButton = el("button", { type: "button", className: "quiet" }, "Add a comment");
    this.commentButton.addEventListener("click", () => {
      this.#showComment(true);
      this.comment.focus();
    });
    return el("div", {}, this.commentButton, this.commentRow);
  }

  #showComment(shown) {
    this.commentRow.hidden = !shown;
    this.commentButton.hidden = shown;
  }

  #showClear() {
    if (this.clear) this.clear.hidden = this.question.type === "multi" || !isGiven(this.answer);
  }

  #value() {
    const { type } = this.question;
    const checked = this.controls.filter((control) => control.checked).map((control) => control.value);
    if (type === "file") return this.held.length ? [...this.held] : null;
    if (type === "multi") return checked.length ? checked : null;
    if (["radio", "checkbox"].includes(this.controls[0].type)) return checked[0] ?? null;
    const text = this.controls[0].value.replaceAll("\0", "");
    if (type === "date") {
      if (this.controls[0].validity.badInput) return undefined;
      return text === "" ? null : /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined;
    }
    if (type !== "number") return text === "" ? null : text;
    if (text.trim() === "") return null;
    return /^[-+]?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
  }

  #setValue(value) {
    if (this.question.type === "file") return this.#setFiles(value ?? []);
    for (const control of this.controls) {
      const given = Array.isArray(value) ? value : [value];
      if (["radio", "checkbox"].includes(control.type)) control.checked = given.includes(control.value);
      else if (control.value !== String(value ?? "")) control.value = value ?? "";
    }
  }

  #setFiles(ids) {
    this.held = ids;
    this.list.replaceChildren(
      ...ids.map((id) => {
        const name = this.page.files.get(id)?.name ?? "A file";
        const remove = el("button", { type: "button", className: "quiet", "aria-label": `Remove ${name}` }, "Remove");
        remove.addEventListener("click", () => {
          this.#setFiles(this.held.filter((each) => each !== id));
          this.controls[0].focus();
          this.#changed();
        });
        return el("li", {}, el("span", { className: "written" }, name), remove);
      }),
    );
  }
}
