// What a page has beside its forms. The parts of a long one are anchors, which need no script: this says which one is shown.
(() => {
  const say = () => document.querySelectorAll(".plp-tabbed > .plp-tabs a").forEach((link) => {
    const shown = document.getElementById(link.hash.slice(1))?.checkVisibility();
    if (shown) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
  // A page that opens at a part knows it only once it is loaded.
  for (const moment of ["hashchange", "pageshow"]) addEventListener(moment, say);
  say();
})();
// A button that copies what is shown once; also where the page came without TLS, and browsers have no clipboard for it.
document.querySelectorAll("[data-copy]").forEach((button) => {
  const source = document.querySelector(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (navigator.clipboard) await navigator.clipboard.writeText(source.textContent.trim());
    else {
      getSelection().selectAllChildren(source);
      document.execCommand("copy");
    }
    const [before, after] = button.querySelectorAll("span");
    before.hidden = true;
    after.hidden = false;
  });
});
// A file is added as soon as it is chosen: nobody looks for a second button before they press the one that sends.
document.querySelectorAll("[data-sends]").forEach((field) => {
  field.addEventListener("change", () => {
    if (field.files.length) field.form.requestSubmit(document.getElementById(field.dataset.sends));
  });
});
