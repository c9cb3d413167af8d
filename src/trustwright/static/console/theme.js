// Before anything is drawn: the colours that the person chose, else those of the system.
const chosen = localStorage.getItem("theme");
const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset.bsTheme = chosen ?? system;
document.documentElement.classList.add("has-script");
