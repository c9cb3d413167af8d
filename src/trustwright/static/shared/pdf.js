// Shows a PDF where <div data-pdf="address"> stands. Pages are drawn when they come near, and let go of when they are
// far away. `data-pdf-library` and `data-pdf-worker` are pdf.js; its fonts and tables lie beside it.
const SMALLEST = 0.4;
const LARGEST = 4;
const STEP = 1.2;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const button = (label, text) => element("button", { type: "button", class: "btn btn-sm", "aria-label": label }, text);

class Viewer {
  constructor(place, library, pdf) {
    this.place = place;
    this.library = library;
    this.pdf = pdf;
    this.factor = 1;
    this.pages = [];
    this.remembered = `pdf ${place.dataset.pdf}`;
    this.number = element("input", { class: "form-control form-control-sm", type: "number", min: 1, max: pdf.numPages, value: 1, "aria-label": "Page" });
    this.before = button("Previous page", "‹");
    this.after = button("Next page", "›");
    const smaller = button("Zoom out", "−");
    const larger = button("Zoom in", "+");
    const fit = button("Fit the width", "Fit");
    const count = element("span", {}, `of ${pdf.numPages}`);
    this.bar = element("div", { class: "pdf-bar", role: "group", "aria-label": "Pages of the document" }, this.before, this.number, count, this.after, smaller, larger, fit);
    this.view = element("div", { class: "pdf-view", tabindex: 0, role: "region", "aria-label": place.dataset.pdfName || "Document" });
    place.prepend(this.bar, this.view);

    this.before.addEventListener("click", () => this.go(this.current - 1));
    this.after.addEventListener("click", () => this.go(this.current + 1));
    this.number.addEventListener("change", () => this.go(Number(this.number.value)));
    smaller.addEventListener("click", () => this.zoom(this.factor / STEP));
    larger.addEventListener("click", () => this.zoom(this.factor * STEP));
    fit.addEventListener("click", () => this.zoom(1));
    this.view.addEventListener("scroll", () => this.note(), { passive: true });
    this.view.addEventListener("keydown", (event) => this.key(event));
    this.watch = new IntersectionObserver((seen) => seen.forEach((each) => this.seen(each)), { root: this.view, rootMargin: "100% 0px" });
    let width = 0;
    new ResizeObserver(() => {
      if (Math.abs(this.view.clientWidth - width) > 1) this.layOut();
      width = this.view.clientWidth;
    }).observe(this.view);
  }

  get current() {
    const middle = this.view.scrollTop + this.view.clientHeight / 3;
    const found = this.pages.findLastIndex((page) => page.box.offsetTop <= middle);
    return Math.max(found, 0) + 1;
  }

  async open() {
    const first = await this.pdf.getPage(1);
    const { width, height } = first.getViewport({ scale: 1 });
    for (let number = 1; number <= this.pdf.numPages; number += 1) {
      const box = element("div", { class: "pdf-page", "data-number": number });
      this.pages.push({ number, box, width, height });
      this.view.append(box);
    }
    const kept = JSON.parse(sessionStorage.getItem(this.remembered) ?? "{}");
    this.factor = kept.factor ?? 1;
    this.layOut();
    if (kept.page > 1) this.go(kept.page);
    for (const page of this.pages) this.watch.observe(page.box);
    this.note();
  }

  scale(page) {
    return (Math.max(this.view.clientWidth - 24, 100) / page.width) * this.factor;
  }

  layOut() {
    if (!this.pages.length) return;
    const number = this.isLaidOut ? this.current : 1;
    this.isLaidOut = true;
    for (const page of this.pages) {
      this.size(page);
      this.clear(page);
      if (page.near) this.draw(page);
    }
    this.go(number);
  }

  size(page) {
    const scale = this.scale(page);
    page.box.style.width = `${Math.floor(page.width * scale)}px`;
    page.box.style.height = `${Math.floor(page.height * scale)}px`;
    page.box.style.setProperty("--total-scale-factor", scale);
  }

  seen({ target, isIntersecting }) {
    const page = this.pages[Number(target.dataset.number) - 1];
    page.near = isIntersecting;
    if (isIntersecting) this.draw(page);
    else this.clear(page);
  }

  clear(page) {
    page.task?.cancel();
    page.task = null;
    page.turn = (page.turn ?? 0) + 1;
    page.box.replaceChildren();
  }

  async draw(page) {
    if (page.box.childElementCount) return;
    const turn = page.turn;
    const canvas = element("canvas", { "aria-hidden": "true" });
    page.box.append(canvas);
    const found = await this.pdf.getPage(page.number);
    const plain = found.getViewport({ scale: 1 });
    if (page.turn !== turn) return;
    if (plain.width !== page.width || plain.height !== page.height) {
      Object.assign(page, { width: plain.width, height: plain.height });
      this.size(page);
    }
    const viewport = found.getViewport({ scale: this.scale(page) });
    const density = Math.min(devicePixelRatio || 1, 2);
    canvas.width = Math.floor(viewport.width * density);
    canvas.height = Math.floor(viewport.height * density);
    page.task = found.render({ canvas, viewport, transform: density === 1 ? null : [density, 0, 0, density, 0, 0] });
    try {
      await page.task.promise;
    } catch (error) {
      if (error.name === "RenderingCancelledException") return;
      throw error;
    }
    if (page.turn !== turn) return;
    const text = element("div", { class: "pdf-text" });
    page.box.append(text);
    page.box.dataset.drawn = "yes";
    const layer = new this.library.TextLayer({ textContentSource: found.streamTextContent(), container: text, viewport });
    await layer.render();
  }

  go(number) {
    const page = this.pages[Math.min(Math.max(number || 1, 1), this.pages.length) - 1];
    this.view.scrollTop = page.box.offsetTop - 8;
    this.note();
  }

  zoom(factor) {
    this.factor = Math.min(Math.max(factor, SMALLEST), LARGEST);
    this.layOut();
  }

  note() {
    const number = this.current;
    if (document.activeElement !== this.number || !this.number.value) this.number.value = number;
    this.before.disabled = number <= 1;
    this.after.disabled = number >= this.pages.length;
    sessionStorage.setItem(this.remembered, JSON.stringify({ page: number, factor: this.factor }));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = {
      ArrowLeft: () => this.go(this.current - 1),
      ArrowRight: () => this.go(this.current + 1),
      Home: () => this.go(1),
      End: () => this.go(this.pages.length),
      "+": () => this.zoom(this.factor * STEP),
      "-": () => this.zoom(this.factor / STEP),
      0: () => this.zoom(1),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
}

async function show(place) {
  place.setAttribute("aria-busy", "true");
  try {
    const library = await import(place.dataset.pdfLibrary);
    const beside = new URL(".", new URL(place.dataset.pdfLibrary, location.href)).href;
    library.GlobalWorkerOptions.workerSrc = place.dataset.pdfWorker;
    const pdf = await library.getDocument({
      url: place.dataset.pdf,
      cMapUrl: `${beside}cmaps/`,
      standardFontDataUrl: `${beside}standard_fonts/`,
      wasmUrl: `${beside}wasm/`,
      // Our pages let no script be made of other things than scripts.
      useWasm: false,
      isEvalSupported: false,
      enableXfa: false,
    }).promise;
    await new Viewer(place, library, pdf).open();
  } catch (error) {
    place.querySelector(".pdf-bar")?.remove();
    place.querySelector(".pdf-view")?.remove();
    place.prepend(element("p", { role: "alert", class: "pdf-plain" }, "This PDF cannot be shown here."));
    console.warn(error);
  } finally {
    place.removeAttribute("aria-busy");
  }
}

for (const place of document.querySelectorAll("[data-pdf]")) show(place);
