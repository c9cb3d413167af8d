// What all pages of the console do with a script. Without it they work too.
import { dropzones } from "./upload.js";

// In the reader's zone, but written as the days are that the server writes: the pages are in English.
function localTimes(root) {
  const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "long" });
  for (const time of root.querySelectorAll("time[datetime*='T']")) {
    const moment = new Date(time.dateTime);
    time.textContent = format.format(moment);
    time.title = exact.format(moment);
  }
}

function themeButton() {
  const button = document.querySelector("[data-theme-toggle]");
  if (!button) return;
  const say = () => {
    const isDark = document.documentElement.dataset.bsTheme === "dark";
    button.querySelector("span").textContent = isDark ? "Light colours" : "Dark colours";
  };
  button.addEventListener("click", () => {
    const isDark = document.documentElement.dataset.bsTheme === "dark";
    document.documentElement.dataset.bsTheme = isDark ? "light" : "dark";
    localStorage.setItem("theme", isDark ? "light" : "dark");
    say();
  });
  say();
  button.hidden = false;
}

// Questions before something is done close with Escape, with Cancel, and when another one opens.
function questions(root) {
  for (const details of root.querySelectorAll("details[data-dialog]")) {
    const close = details.querySelector("[data-close]");
    const summary = details.querySelector("summary");
    const shut = () => {
      details.open = false;
      summary.focus();
    };
    if (close) {
      close.hidden = false;
      close.addEventListener("click", shut);
    }
    details.addEventListener("keydown", (event) => event.key === "Escape" && details.open && shut());
    details.addEventListener("toggle", () => {
      if (!details.open) return;
      for (const other of document.querySelectorAll("details[data-dialog][open]")) {
        if (other !== details && !other.contains(details)) other.open = false;
      }
    });
  }
}

// Nobody loses what was typed by leaving, and nobody sends a form twice.
function forms(root) {
  for (const form of root.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      form.dataset.dirty = "";
      form.setAttribute("aria-busy", "true");
    });
    if (form.hasAttribute("data-guard")) form.addEventListener("input", () => (form.dataset.dirty = "yes"));
  }
  for (const select of root.querySelectorAll("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
}

function copyButtons(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      button.dataset.copied = "yes";
      button.setAttribute("aria-label", "Copied");
    });
  }
}

function enhance(root) {
  localTimes(root);
  questions(root);
  forms(root);
  copyButtons(root);
  dropzones(root);
}

addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-dirty=yes]")) event.preventDefault();
});
// A page that comes back from the browser's memory can be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

const menu = document.querySelector(".shell-menu");
if (menu) {
  const wide = matchMedia("(min-width: 62rem)");
  const fit = () => (menu.open = wide.matches);
  wide.addEventListener("change", fit);
  fit();
}
themeButton();
enhance(document);
document.body.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) enhance(event.detail.elt);
});
