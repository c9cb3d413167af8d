/* A template as the vendor would see it: everything works, nothing is saved or sent. */

const SAID = "This is a preview: nothing is saved, and nobody gets the answers.";

/* What the page would be told of a questionnaire just sent; null when nobody says it. */
export async function previewed(address) {
  const response = await fetch(address, { cache: "no-store" });
  return response.ok ? response.json() : null;
}

export function showThatItIsOne(explanation) {
  explanation.textContent = SAID;
}

/* Stands where the page expects what saves. */
export class NoSaver {
  pending = false;

  constructor(page) {
    this.page = page;
  }

  changed() {
    this.page.say("", "Preview: nothing is saved");
  }

  async flush() {
    return true;
  }

  /* The answer to a submit; a file is refused with its message. */
  async alone() {
    const { state, answers } = this.page;
    const given = Object.fromEntries(Object.entries(answers).filter(([, answer]) => answer));
    const completedBy = document.getElementById("completed-by").value.trim();
    const message = "A preview takes no files";
    return { status: 200, body: { ...state, answers: given, completedBy, submittedAt: Date.now(), message } };
  }

  stop() {}
}
