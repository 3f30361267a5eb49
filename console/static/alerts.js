// A pressed button says what it is doing, and a second press does nothing. The server would not send twice anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.busy || event.submitter?.dataset.edits !== undefined) return;
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
// The place drives the audience: it is ticked when it is chosen, or named in the text before anybody chose by hand.
(() => {
  const audience = document.querySelector(".alert-audience");
  if (!audience) return;
  const near = audience.querySelector("[data-near]");
  const around = audience.querySelector("[data-around-button]");
  const some = audience.querySelector("input[name=audience][value=some]");
  const boxes = () => [...audience.querySelectorAll("input[name=neighbourhood]")];
  const tell = (element, name) => element.dispatchEvent(new Event(name, { bubbles: true }));
  const tick = (names) => {
    const ticked = boxes().filter((each) => names.includes(each.value) && !each.checked);
    ticked.forEach((each) => { each.checked = true; });
    if (some && names.length) some.checked = true;
    if (boxes().length) { tell(boxes()[0], "placed"); tell(boxes()[0], "input"); }
  };
  const offer = () => {
    if (!around) return;
    const names = JSON.parse(near.selectedOptions[0]?.dataset.around || "[]");
    around.disabled = !names.length;
    around.querySelector("[data-around-names]").textContent = names.join(", ");
  };
  let byHand = Boolean(audience.querySelector("input:checked") || near?.value);
  audience.addEventListener("change", (event) => {
    byHand = true;
    if (event.target === near) { offer(); if (near.value) tick([near.value]); return; }
    // Whoever ticks a neighbourhood chooses some of them.
    if (some && ["neighbourhood", "group"].includes(event.target.name) && event.target.checked) some.checked = true;
  });
  around?.addEventListener("click", () => tick(JSON.parse(near.selectedOptions[0].dataset.around)));
  // A street that was typed ticks its neighbourhood; an alert to the street alone does not go to the whole of it.
  const streets = audience.querySelector("#streets-found")?.parentElement;
  if (streets) {
    let placed = "";
    new MutationObserver(() => {
      const place = streets.querySelector("#streets-found")?.dataset.streetPlace || "";
      if (!place || place === placed) return;
      placed = place;
      near.value = place;
      offer();
      tick([place]);
    }).observe(streets, { childList: true });
    streets.addEventListener("change", (event) => {
      const place = event.target.dataset.onlyStreet;
      if (place === undefined) return;
      const whole = boxes().find((each) => each.value === place);
      if (whole) whole.checked = !event.target.checked;
      if (some) some.checked = true;
      if (boxes().length) { tell(boxes()[0], "placed"); tell(boxes()[0], "input"); }
    });
  }
  // Accents and capitals aside; a name counts as a whole word.
  const plain = (text) => ` ${text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, " ").trim()} `;
  let found = "";
  const written = "#text, .alert-fields input[type=text]";
  const place = () => {
    const typed = plain([...near.form.querySelectorAll(written)].map((each) => each.value).join(" "));
    const named = boxes().map((each) => each.value).filter((name) => typed.includes(plain(name)));
    if (named.join() === found) return;
    found = named.join();
    boxes().forEach((each) => { each.checked = false; });
    near.value = named[0] || "";
    if (some) some.checked = false;
    offer();
    tick(named);
  };
  near?.form.addEventListener("input", (event) => { if (!byHand && event.target.matches(written)) place(); });
  if (near) offer();
  // What was typed while the page was still loading, when nothing counted yet.
  window.addEventListener("load", () => setTimeout(() => { found = ""; if (near && !byHand) place(); }));
})();
// With the keyboard: the number is typed at once, and after the sending the next Tab is at « Annuler ». Nothing scrolls, but
// where the window is so low (200 % zoom) that the field would not be seen.
if (matchMedia("(pointer: fine)").matches) {
  const first = document.querySelector("#typed") || document.querySelector("[data-begin]");
  if (first && first.tabIndex < 0) first.tabIndex = -1;
  first?.focus({ preventScroll: innerHeight > 600 });
}
