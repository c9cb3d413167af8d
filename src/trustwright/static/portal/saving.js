/* Saves what changes, a moment after it changed: one request at a time, again and again until it is saved. */

import { call } from "./api.js";

const QUIET = 1200; // milliseconds without a change until it is saved
const LONGEST = 8000; // and how long somebody who never pauses waits
const LONGEST_PAUSE = 30; // seconds between attempts

export class Saver {
  #dirty = new Set();
  #since = 0;
  #timer = 0;
  #work = null;
  #failures = 0;
  #stopped = false;

  /* `page` has: revision; answerOf(id), undefined for what cannot be saved; merge(state, dirty); refuse(faults);
     ended(); say(kind, text). */
  constructor(page) {
    this.page = page;
    addEventListener("online", () => this.#dirty.size && this.flush());
    addEventListener("visibilitychange", () => document.hidden && this.#dirty.size && this.flush(true));
    addEventListener("beforeunload", (event) => this.pending && event.preventDefault());
  }

  get pending() {
    return !this.#stopped && (this.#dirty.size > 0 || this.#work !== null);
  }

  changed(id) {
    this.#dirty.add(id);
    const now = Date.now();
    this.#since ||= now;
    this.page.say("", "Not saved yet");
    this.#schedule(Math.max(0, Math.min(QUIET, this.#since + LONGEST - now)));
  }

  /* Saves now; whether everything is saved. */
  async flush(keepalive = false) {
    clearTimeout(this.#timer);
    while (this.#work) await this.#work;
    if (this.#dirty.size && !this.#stopped) {
      this.#work = this.#save(keepalive).finally(() => (this.#work = null));
      await this.#work;
    }
    return this.#dirty.size === 0;
  }

  /* Runs something that must not overlap with a save. */
  async alone(work) {
    await this.flush();
    while (this.#work) await this.#work;
    this.#work = work().finally(() => (this.#work = null));
    return this.#work;
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #schedule(milliseconds) {
    clearTimeout(this.#timer);
    if (!this.#stopped) this.#timer = setTimeout(() => this.flush(), milliseconds);
  }

  async #save(keepalive) {
    const answers = {};
    for (const id of this.#dirty) {
      const answer = this.page.answerOf(id);
      if (answer !== undefined) answers[id] = answer;
    }
    const ids = Object.keys(answers);
    if (!ids.length) return this.page.say("bad", "Not saved: an answer needs another look");
    ids.forEach((id) => this.#dirty.delete(id));
    this.#since = 0;
    const slow = setTimeout(() => this.page.say("", "Saving…"), 700);
    const answered = await call("PUT", "answers", { revision: this.page.revision, answers }, keepalive);
    clearTimeout(slow);
    if (answered.status === 200) return this.#done(answers, answered.body);
    ids.forEach((id) => this.#dirty.add(id));
    return this.#failed(answered, ids);
  }

  #done(answers, body) {
    this.#failures = 0;
    this.page.revision = body.revision;
    this.page.saved(answers, body.savedAt);
    if (this.#dirty.size) this.#schedule(QUIET);
  }

  #failed({ status, body, retryAfter }, ids) {
    if (status === 409 && body.state) {
      this.page.merge(body.state, this.#dirty);
      // Not at once: two pages that save all the time would only chase each other.
      this.#schedule(100 + Math.random() * 400);
    } else if (status === 400 && body.faults) {
      this.page.refuse(body.faults);
      body.faults.forEach((fault) => this.#dirty.delete(fault.questionId));
      if (ids.some((id) => this.#dirty.has(id))) this.#schedule(0);
    } else if (status === 409 || status === 404 || status === 410) {
      this.stop();
      this.page.ended(status, body.message);
    } else if (status === 0 || status === 429 || status >= 500) {
      this.#failures += 1;
      const pause = retryAfter || Math.min(2 ** this.#failures, LONGEST_PAUSE);
      const reason = status === 0 ? "no connection" : "the server is busy";
      this.page.say("bad", `Not saved: ${reason}. Trying again in ${pause} seconds.`);
      this.#schedule(pause * 1000);
    } else {
      this.page.say("bad", `Not saved: ${body.message ?? "the server refused it"}`);
    }
  }
}
