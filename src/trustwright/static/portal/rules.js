/* What counts as an answer, and which questions are asked: the same rules as the server's questions.py. */

export function isGiven(answer) {
  const value = answer?.value;
  if (typeof value === "string") return value.trim() !== "";
  return Array.isArray(value) ? value.length > 0 : value !== null && value !== undefined;
}

/* The ids of the questions whose conditions hold. */
export function asked(questions, answers) {
  const shown = new Set();
  for (const question of questions) {
    const condition = question.showIf;
    if (!condition || (shown.has(condition.questionId) && equals(answers[condition.questionId], condition.equals))) {
      shown.add(question.id);
    }
  }
  return shown;
}

function equals(answer, wanted) {
  const value = answer?.value;
  return Array.isArray(value) ? value.includes(wanted) : value === wanted;
}

export function totals(questions, answers) {
  const shown = asked(questions, answers);
  const counted = questions.filter((question) => shown.has(question.id) && question.type !== "info");
  return { asked: counted.length, answered: counted.filter((question) => isGiven(answers[question.id])).length };
}

/* Two answers that read the same. */
export function same(one, other) {
  const parts = (answer) => JSON.stringify([isGiven(answer) ? answer.value : null, answer?.comment ?? ""]);
  return parts(one) === parts(other);
}

const WORDS = { yes: "Yes", no: "No", na: "Not applicable" };

/* What may be chosen, as pairs of value and words. */
export function choices(question) {
  if (question.type === "yes_no") return [["yes", WORDS.yes], ["no", WORDS.no]];
  if (question.type === "yes_no_na") return Object.entries(WORDS);
  return question.options.map((option) => [option, option]);
}

/* An answer as a sentence for people. */
export function inWords(question, answer, files) {
  if (!isGiven(answer)) return "No answer";
  const value = answer.value;
  if (question.type === "file") return value.map((id) => files.get(id)?.name ?? "A file").join("\n");
  if (question.type === "yes_no" || question.type === "yes_no_na") return WORDS[value] ?? value;
  if (question.type === "date") return day(`${value}T00:00:00Z`);
  return Array.isArray(value) ? value.join("\n") : String(value);
}

export function day(moment) {
  return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(moment),
  );
}

export function clock(moment) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(new Date(moment));
}
