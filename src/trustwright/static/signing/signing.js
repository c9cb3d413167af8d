/* What the signing page gains by a script: a field in which to draw, and one signature for two clicks. */

const field = document.getElementById("draw");
const canvas = document.getElementById("canvas");
const drawing = document.getElementById("drawing");
const clear = document.getElementById("clear");
const form = document.getElementById("signing");
const pen = canvas.getContext("2d");
const width = Number(canvas.dataset.width);
const height = Number(canvas.dataset.height);

/* The server takes no more. */
const LONGEST = 30000;

let strokes = parsed(drawing.value);
let current = null;

/* Strokes with underscores between, points like 12.30 with spaces between. */
function parsed(text) {
  return text ? text.split("_").map((stroke) => stroke.split(" ").map((point) => point.split(".").map(Number))) : [];
}

function written() {
  return strokes.map((stroke) => stroke.map((point) => point.join(".")).join(" ")).join("_");
}

function paint() {
  pen.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = 2.4;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    for (const point of stroke) pen.lineTo(...point);
    pen.stroke();
  }
  clear.disabled = strokes.length === 0;
  canvas.setAttribute("aria-label", `Field for a drawn signature: ${strokes.length ? "drawn" : "empty"}`);
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  const inside = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
  return [
    inside(((event.clientX - box.left) / box.width) * width, width),
    inside(((event.clientY - box.top) / box.height) * height, height),
  ];
}

function keep() {
  current = null;
  drawing.value = written();
  while (drawing.value.length > LONGEST) {
    strokes.pop();
    drawing.value = written();
  }
  paint();
}

canvas.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  current = [place(event)];
  strokes.push(current);
  paint();
});

canvas.addEventListener("pointermove", (event) => {
  if (!current) return;
  const point = place(event);
  const [x, y] = current[current.length - 1];
  if (Math.hypot(point[0] - x, point[1] - y) < 2) return;
  current.push(point);
  paint();
});

for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, () => current && keep());
}

clear.addEventListener("click", () => {
  strokes = [];
  keep();
  canvas.scrollIntoView({ block: "nearest" });
});

form.addEventListener("submit", () => {
  form.querySelector("[type=submit]").disabled = true;
});

/* Back from the page that follows, a browser shows this one as it was left. */
window.addEventListener("pageshow", () => {
  form.querySelector("[type=submit]").disabled = false;
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);

field.hidden = false;
document.getElementById("or-draw").hidden = false;
paint();
document.getElementById("faults")?.focus();
