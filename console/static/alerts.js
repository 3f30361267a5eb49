// A pressed button says what it is doing, and a second press does nothing. The server would not send twice anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.busy) return;
  if (form.dataset.pressed) { event.preventDefault(); return; }
  form.dataset.pressed = "yes";
  const words = form.querySelector("[data-words]");
  if (words) { words.dataset.words = words.textContent; words.textContent = form.dataset.busy; }
});
// Back from another page: the browser may show the page as it was left.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  document.querySelectorAll("form[data-pressed]").forEach((form) => {
    delete form.dataset.pressed;
    const words = form.querySelector("[data-words]");
    if (words && words.dataset.words) words.textContent = words.dataset.words;
  });
});
// The list stays where it is, whatever was chosen above it: who ticks a neighbourhood chooses some of them.
document.addEventListener("change", (event) => {
  const place = event.target;
  if (!place.matches(".alert-places input[name=neighbourhood]") || !place.checked) return;
  const some = place.closest("fieldset").querySelector("input[name=audience][value=some]");
  if (some) some.checked = true;
});
