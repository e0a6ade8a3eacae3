"use strict";
// Keys press the buttons and links that the page has anyway; without scripts everything works by mouse and tab.

const marked = () => document.querySelector("tr[data-row].is-marked");

function mark(step) {
  const rows = [...document.querySelectorAll("tr[data-row]")];
  if (!rows.length) return false;
  const at = rows.indexOf(marked());
  const next = Math.min(Math.max(at + step, 0), rows.length - 1);
  rows.forEach((row, number) => row.classList.toggle("is-marked", number === next));
  const link = rows[next].querySelector("a, button");
  if (link) link.focus();
  rows[next].scrollIntoView({ block: "nearest" });
  return true;
}

function press(key) {
  const field = document.querySelector(`[data-focus="${CSS.escape(key)}"]`);
  if (field) { field.focus(); return true; }
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (target) { target.click(); return true; }
  if (key === "j") return mark(1);
  if (key === "k") return mark(-1);
  if (key === "/") { const link = document.querySelector('nav a[href$="/search"]'); if (link) { link.click(); return true; } }
  return false;
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && field) { field.blur(); return; }
  if (field || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key.length === 1 && press(event.key)) event.preventDefault();
});

// A decision is sent once, however often the key is pressed.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

const help = document.getElementById("help");
const button = document.getElementById("help-button");
if (help && button) button.addEventListener("click", () => help.showModal());

for (const choice of document.querySelectorAll("button[data-with]")) {
  choice.addEventListener("click", () => { choice.form.elements.with.value = choice.dataset.with; });
}

// What takes longer to work out comes after the rest of the page.
for (const place of document.querySelectorAll("[data-fragment]")) {
  fetch(place.dataset.fragment, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error("no answer"))))
    .then((text) => {
      const read = new DOMParser().parseFromString(text, "text/html").body.firstElementChild;
      if (read) place.replaceWith(document.adoptNode(read));
    })
    .catch(() => {});
}

if (document.querySelector("[data-reload]")) setTimeout(() => location.replace(location.href), 2000);
