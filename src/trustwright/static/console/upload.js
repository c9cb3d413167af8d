// Files that are dropped on their field, and how far the sending of a form with files is.
export function dropzones(root) {
  for (const zone of root.querySelectorAll("[data-dropzone]")) {
    const input = zone.querySelector("input[type=file]");
    const over = (isOver) => zone.classList.toggle("is-over", isOver);
    zone.addEventListener("dragover", (event) => {
      event.preventDefault();
      over(true);
    });
    zone.addEventListener("dragleave", () => over(false));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
  for (const form of root.querySelectorAll("form[enctype='multipart/form-data']")) {
    form.addEventListener("submit", (event) => send(event, form));
  }
}

function send(event, form) {
  event.preventDefault();
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", "Sent so far");
  form.append(bar);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (progress) => {
    if (progress.lengthComputable) bar.value = progress.loaded / progress.total;
  });
  const again = (message) => {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    const alert = document.createElement("p");
    alert.setAttribute("role", "alert");
    alert.className = "alert alert-danger";
    alert.textContent = message;
    bar.replaceWith(alert);
  };
  request.addEventListener("error", () => again("The connection broke. Nothing was saved: send it again."));
  request.addEventListener("load", () => {
    // The form was taken, and another page follows. Everything else is the page with the form and what is wrong.
    if (request.status === 204) {
      location.assign(request.getResponseHeader("location"));
      return;
    }
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const problem = answer.querySelector("main [role=alert], main .invalid-feedback");
    again(problem?.textContent.trim() ?? "That did not work. Nothing was saved.");
  });
  request.open("POST", form.action);
  request.setRequestHeader("X-Sent-By-Script", "yes");
  request.send(new FormData(form));
}
