/* The vendor's page: loads what is asked, keeps what is answered, submits it. */

import { call, token } from "./api.js";
import { Field, el } from "./fields.js";
import { asked, clock, day, inWords, isGiven, same, totals } from "./rules.js";
import { Saver } from "./saving.js";
import { followReading, refreshSection, sectionElement, sectionLink, sectionsOf } from "./sections.js";

const byId = (id) => document.getElementById(id);

const MESSAGES = {
  404: ["This link opens nothing", "Copy all of it from the mail, up to its last character, and open it again."],
  410: ["This link has ended", "It was withdrawn or has become too old. Ask the company that sent it for a new one."],
  429: ["Too many requests", "Please wait a minute and try again."],
  0: ["The server cannot be reached", "Please check your connection and try again."],
};
const MOST_LISTED = 140; // letters of a question where it is only named
const UNEXPECTED = ["Something went wrong", "Please try again in a while."];

/* Everything about the questionnaire that changes while it is answered. `server` holds the answers as last saved. */
class Page {
  constructor(state, kind = Saver) {
    this.state = state;
    this.revision = state.revision;
    this.server = state.answers;
    this.files = new Map(state.files.map((file) => [file.id, file]));
    this.fields = new Map();
    this.sections = [];
    this.saver = new kind(this);
  }

  /* Undefined for what cannot be an answer; nothing at all where that is not even asked any more. */
  answerOf(id) {
    const field = this.fields.get(id);
    return field.answer ?? (field.element.hidden ? { value: null, comment: "" } : undefined);
  }

  /* The answers as they stand on the page. */
  get answers() {
    return Object.fromEntries([...this.fields].map(([id, field]) => [id, field.answer]));
  }

  changed(id) {
    this.saver.changed(id);
    this.refresh();
  }

  saved(answers, moment) {
    Object.assign(this.server, answers);
    this.say("good", `Saved ${clock(moment)}`);
  }

  say(kind, text) {
    byId("saved").className = `saved ${kind}`;
    // Read out when something is saved or cannot be, and not each time that somebody types.
    byId("saved").setAttribute("aria-busy", String(kind === ""));
    if (byId("saved").textContent !== text) byId("saved").textContent = text;
  }

  /* Takes over what somebody else saved, and keeps what was typed here and is not saved. */
  merge(state, dirty) {
    let taken = 0;
    let kept = 0;
    this.files = new Map(state.files.map((file) => [file.id, file]));
    for (const [id, field] of this.fields) {
      const theirs = state.answers[id];
      if (same(theirs, this.server[id])) continue;
      if (!dirty.has(id)) {
        taken += 1;
        field.answer = theirs;
      } else if (!same(theirs, field.answer)) {
        kept += 1;
        field.showOther(inWords(field.question, theirs, this.files), () => {
          field.answer = theirs;
          this.changed(id);
        });
      }
    }
    this.revision = state.revision;
    this.server = { ...state.answers };
    this.refresh();
    const news = [];
    if (taken) news.push(`${counted(taken, "answer was", "answers were")} changed elsewhere and stand here now.`);
    if (kept) news.push(`${counted(kept, "answer of yours is", "answers of yours are")} kept although others were saved; see there.`);
    if (news.length) notice(news.join(" "));
  }

  refuse(faults) {
    faults.forEach((fault) => this.fields.get(fault.questionId)?.showError(fault.message));
    this.say("bad", "Not saved: an answer needs another look");
  }

  /* Nothing can be saved any more. What is on the page stays, so that nothing typed is lost. */
  ended(status, message) {
    this.say("bad", "Not saved");
    if (status === 409) return showSubmittedElsewhere(this);
    return notice(`${message ?? MESSAGES[410][1]} What you typed last is not saved; copy it before you leave.`, "bad");
  }

  async attach(field, file) {
    notice("");
    this.say("", `Uploading ${file.name}…`);
    for (const attempt of [1, 2]) {
      const answered = await this.saver.alone(() => {
        const form = new FormData();
        form.append("revision", this.revision);
        form.append("questionId", field.question.id);
        form.append("file", file);
        return call("POST", "files", form);
      });
      if (answered.status === 201) return this.attached(field, answered.body);
      if (answered.status === 409 && answered.body.state && attempt === 1) {
        this.merge(answered.body.state, new Set());
        continue;
      }
      field.showError(answered.body.message ?? (MESSAGES[answered.status] ?? UNEXPECTED).join(". "));
      return this.say("bad", `${file.name} was not attached`);
    }
  }

  attached(field, state) {
    this.files = new Map(state.files.map((file) => [file.id, file]));
    this.revision = state.revision;
    this.server[field.question.id] = state.answers[field.question.id];
    field.answer = { ...state.answers[field.question.id], comment: field.answer.comment };
    field.showError("");
    this.refresh();
    this.say("good", `Saved ${clock(Date.now())}`);
  }

  /* Shows the questions that are asked now, and how far the answers are. */
  refresh() {
    const { questions } = this.state;
    const answers = this.answers;
    const shown = asked(questions, answers);
    for (const [id, field] of this.fields) field.element.hidden = !shown.has(id);
    for (const section of this.sections) refreshSection(section, shown, answers);
    showProgress(totals(questions, answers));
  }

  /* The fields that keep the answers from being submitted, each marked. */
  get faulty() {
    const shown = asked(this.state.questions, this.answers);
    return [...this.fields.values()].filter((field) => {
      if (!shown.has(field.question.id) || !field.check()) return shown.has(field.question.id);
      const lacks = field.question.required && !isGiven(field.answer);
      if (lacks) field.showError("An answer is required");
      return lacks;
    });
  }
}

function counted(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

function notice(text, kind = "") {
  byId("notice").textContent = text;
  byId("notice").className = `notice ${kind}`;
  byId("notice").hidden = !text;
}

function showProgress({ asked: total, answered }) {
  byId("progress").max = Math.max(total, 1);
  byId("progress").value = answered;
  byId("progress-text").textContent = `${answered} of ${total} answered`;
  const rest = total - answered;
  const open = `${counted(rest, "question is", "questions are")} not answered yet. `;
  byId("submit-text").textContent =
    (rest ? open : "") + "After you submit, the answers can no longer be changed.";
}

function showMessage(status) {
  const [title, text] = MESSAGES[status] ?? UNEXPECTED;
  byId("message-title").textContent = title;
  byId("message-text").textContent = text;
  byId("again").hidden = status === 404 || status === 410;
  byId("page").hidden = true;
  byId("message").hidden = false;
  document.title = title;
}

function showIntroduction(state) {
  document.title = `${state.title} · ${state.company}`;
  byId("company").textContent = `${state.company} asks ${state.vendor}`;
  byId("title").textContent = state.title;
  byId("description").textContent = state.description ?? "";
  byId("message").hidden = true;
  byId("page").hidden = false;
}

function showForm(page) {
  const { state } = page;
  byId("explanation").textContent =
    `Your answers are saved as you write. ${state.company} sees them once you submit. ` +
    `Colleagues may help you by the same link, which works until ${day(state.expiresAt)}.`;
  page.sections = sectionsOf(state.questions);
  page.sections.forEach((section, place) => {
    section.element = sectionElement(section, place, section.questions.map((question) => questionElement(page, question)));
  });
  byId("sections-list").replaceChildren(...page.sections.map((section) => sectionLink(section, byId("questions"))));
  byId("questions").replaceChildren(...page.sections.map((section) => section.element));
  byId("sections").hidden = page.sections.length < 2;
  byId("skip").hidden = byId("submit-section").hidden = byId("bar").hidden = false;
  // Once it is on the page, because only then texts have a height to grow to.
  for (const [id, field] of page.fields) field.answer = state.answers[id];
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(page);
  });
  page.refresh();
  followReading(page.sections);
}

function questionElement(page, question) {
  if (question.type === "info") {
    const element = el("div", { className: "info" }, el("p", { className: "written" }, question.text));
    if (question.help) element.append(el("p", { className: "help written" }, question.help));
    page.fields.set(question.id, { question, element, answer: undefined, check: () => true, grow() {}, showError() {} });
    return element;
  }
  const field = new Field(question, page);
  page.fields.set(question.id, field);
  return field.element;
}

async function submit(page) {
  const button = byId("submit");
  if (button.disabled) return;
  const faulty = page.faulty;
  showSummary(faulty);
  if (faulty.length) return;
  button.disabled = true;
  byId("submit").textContent = "Submitting…";
  const saved = await page.saver.flush();
  const body = { revision: page.revision, completedBy: byId("completed-by").value.trim() };
  const answered = saved ? await page.saver.alone(() => call("POST", "submit", body)) : null;
  button.disabled = false;
  button.textContent = "Submit the answers";
  if (answered?.status === 200) {
    page.saver.stop();
    showSubmitted(answered.body, `Thank you. ${answered.body.company} has your answers now.`);
  } else if (answered) refusedSubmit(page, answered);
  else notice("Not submitted, because the last answers are not saved yet. Please try again in a moment.", "bad");
}

function refusedSubmit(page, { status, body }) {
  if (status === 409 && body.state) {
    page.merge(body.state, new Set());
    notice("Not submitted: somebody else changed answers meanwhile. Look at them, and submit again.", "bad");
    byId("notice").scrollIntoView();
  } else if (status === 400 && body.faults) {
    page.refuse(body.faults);
    showSummary(body.faults.map((fault) => page.fields.get(fault.questionId)));
  } else if (status === 409 || status === 404 || status === 410) {
    page.saver.stop();
    page.ended(status, body.message);
  } else notice(`Not submitted. ${(MESSAGES[status] ?? UNEXPECTED).join(". ")}`, "bad");
}

function shortened(text) {
  return text.length > MOST_LISTED ? `${text.slice(0, MOST_LISTED).trimEnd()}…` : text;
}

function showSummary(fields) {
  byId("summary-list").replaceChildren(
    ...fields.map((field) => {
      const link = el("a", { href: `#${field.id}`, className: "written" }, shortened(field.question.text));
      link.addEventListener("click", (event) => {
        // The fragment of the address is the key to this page and stays as it is.
        event.preventDefault();
        field.element.scrollIntoView();
        field.focus();
      });
      return el("li", {}, link);
    }),
  );
  byId("summary").hidden = fields.length === 0;
  if (!fields.length) return;
  byId("summary").scrollIntoView();
  byId("summary").focus({ preventScroll: true });
}

/* The answers for reading only. */
function showSubmitted(state, thanks = "") {
  const shown = asked(state.questions, state.answers);
  const files = new Map(state.files.map((file) => [file.id, file]));
  const by = state.completedBy ? ` by ${state.completedBy}` : "";
  const submitted = `Submitted on ${day(state.submittedAt)}${by}. The answers can no longer be changed.`;
  byId("explanation").replaceChildren(...(thanks ? [el("strong", {}, thanks), " "] : []), submitted);
  byId("explanation").classList.add("good");
  const sections = sectionsOf(state.questions.filter((question) => shown.has(question.id) && question.type !== "info"));
  byId("questions").replaceChildren(
    ...sections.map((section, place) =>
      sectionElement(section, place, [
        el("dl", {}, ...section.questions.map((question) => given(question, state.answers[question.id], files))),
      ]),
    ),
  );
  for (const id of ["bar", "skip", "sections", "submit-section", "summary", "notice"]) byId(id).hidden = true;
  byId("print").hidden = false;
  scrollTo(0, 0);
  byId("title").focus({ preventScroll: true });
}

function given(question, answer, files) {
  const value = el("dd", { className: isGiven(answer) ? "written" : "written none" }, inWords(question, answer, files));
  const comment = answer?.comment ? el("dd", { className: "written comment" }, answer.comment) : null;
  return el("div", {}, el("dt", { className: "written" }, question.text), value, comment);
}

/* Somebody else submitted while this page was open: shows what was submitted, and what was not part of it. */
async function showSubmittedElsewhere(page) {
  const { status, body } = await call("GET", "questionnaire");
  if (status !== 200) return;
  const mine = page.answers;
  const lost = page.state.questions.filter(({ id }) => isGiven(mine[id]) && !same(mine[id], body.answers[id]));
  showSubmitted(body, "Somebody else submitted these answers while you were writing.");
  if (!lost.length) return;
  notice("Not part of it, and shown here so that you can copy it:", "bad");
  byId("notice").append(el("dl", {}, ...lost.map((question) => given(question, mine[question.id], page.files))));
}

async function start() {
  addEventListener("hashchange", () => location.reload());
  byId("again").addEventListener("click", () => location.reload());
  byId("print").addEventListener("click", () => print());
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("questions").focus();
  });
  const wide = matchMedia("(min-width: 70rem)");
  const fold = () => (byId("sections-details").open = wide.matches);
  wide.addEventListener("change", fold);
  fold();
  const { preview } = document.documentElement.dataset;
  if (preview) return startPreview(preview);
  if (!token) return showMessage(404);
  const { status, body } = await call("GET", "questionnaire");
  if (status !== 200) return showMessage(status);
  showIntroduction(body);
  if (body.submittedAt) return showSubmitted(body);
  return showForm(new Page(body));
}

async function startPreview(address) {
  const { NoSaver, previewed, showThatItIsOne } = await import("./preview.js");
  const state = await previewed(address);
  if (!state) return showMessage(0);
  showIntroduction(state);
  showForm(new Page(state, NoSaver));
  return showThatItIsOne(byId("explanation"));
}

start();
