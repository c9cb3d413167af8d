/* The sections of a questionnaire: their boxes on the page, and the list that leads to them. */

import { el } from "./fields.js";
import { isGiven } from "./rules.js";

/* The questions by their sections, in order; a section may come up more than once. */
export function sectionsOf(questions) {
  const sections = [];
  for (const question of questions) {
    if (!sections.length || sections.at(-1).title !== question.section) {
      sections.push({ title: question.section, questions: [] });
    }
    sections.at(-1).questions.push(question);
  }
  return sections;
}

export function sectionElement(section, place, children) {
  const id = `section-${place}`;
  const heading = section.title ? el("h2", { id, tabIndex: -1, className: "written" }, section.title) : null;
  const element = el("section", { className: "section" }, heading, ...children);
  if (heading) element.setAttribute("aria-labelledby", id);
  return element;
}

/* The line of a section in the list; `otherwise` is where it leads without a heading. */
export function sectionLink(section, otherwise) {
  section.count = el("span", { className: "count" });
  const name = el("span", { className: "written" }, section.title || "Questions");
  section.button = el("button", { type: "button" }, name, section.count);
  section.button.addEventListener("click", () => {
    const target = section.element.querySelector("h2") ?? otherwise;
    target.scrollIntoView();
    target.focus({ preventScroll: true });
  });
  section.link = el("li", {}, section.button);
  return section.link;
}

/* Says how much of a section is answered, or hides it while nothing of it is asked. */
export function refreshSection(section, shown, answers) {
  const parts = section.questions.filter((question) => shown.has(question.id));
  const counted = parts.filter((question) => question.type !== "info");
  const given = counted.filter((question) => isGiven(answers[question.id])).length;
  const complete = counted.length > 0 && given === counted.length;
  section.element.hidden = section.link.hidden = parts.length === 0;
  section.count.textContent = counted.length ? `${complete ? "✓ " : ""}${given} of ${counted.length}` : "";
  section.link.classList.toggle("complete", complete);
}

/* Marks in the list the section that is read: the first that reaches into the upper part of the window. */
export function followReading(sections) {
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target);
      const current = sections.find((section) => seen.has(section.element));
      if (!current) return;
      for (const { button } of sections) button.removeAttribute("aria-current");
      current.button.setAttribute("aria-current", "true");
    },
    { rootMargin: "-10% 0px -60% 0px" },
  );
  for (const section of sections) observer.observe(section.element);
}
