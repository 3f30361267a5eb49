// The place drives the audience: the server says which neighbourhoods it names, and they are ticked until somebody chooses
// by hand.
(() => {
  const audience = document.querySelector(".alert-audience");
  if (!audience) return;
  const way = (value) => audience.querySelector(`input[name=audience][value=${value}]`);
  const boxes = () => [...audience.querySelectorAll("input[name=neighbourhood]")];
  const tell = (element, name) => element?.dispatchEvent(new Event(name, { bubbles: true }));
  const counted = () => { tell(boxes()[0], "placed"); tell(boxes()[0] || way("all"), "input"); };
  const tick = (names) => {
    boxes().forEach((each) => { if (names.includes(each.value)) each.checked = true; });
    if (names.length) way("some").checked = true;
    counted();
  };
  let byHand = Boolean(audience.querySelector("input:checked"));
  audience.addEventListener("change", (event) => {
    if (event.target.id === "where") return;
    byHand = true;
    // Whoever ticks a neighbourhood chooses some of them.
    if (["neighbourhood", "group"].includes(event.target.name) && event.target.checked && way("some")) way("some").checked = true;
    const place = event.target.dataset.onlyStreet;
    if (place === undefined) return;
    // An alert to the street alone does not go to the whole of its neighbourhood.
    const whole = boxes().find((each) => each.value === place);
    if (whole) whole.checked = !event.target.checked;
    way("some").checked = true;
    counted();
  });
  audience.addEventListener("click", (event) => {
    const around = event.target.closest("[data-around]");
    if (around) { byHand = true; tick(JSON.parse(around.dataset.around)); }
  });
  if (!audience.querySelector("#place-found")) return;
  const found = () => audience.querySelector("#place-found").dataset;
  // Whoever ticks a further neighbourhood before the server has said which one the place is in gets both.
  let both = false;
  audience.addEventListener("change", (event) => {
    if (event.target.name !== "neighbourhood" || !event.target.checked) return;
    both = document.querySelector("#where, #answer_lieu").value.trim() !== found().where;
  });
  let placed = found().found + found().everywhere;
  const place = () => {
    const now = found().found + found().everywhere;
    if ((byHand && !both) || now === placed) return;
    placed = now;
    if (!both) {
      boxes().forEach((each) => { each.checked = false; });
      way("all").checked = found().everywhere !== undefined;
      way("some").checked = false;
    }
    both = false;
    tick(JSON.parse(found().found));
  };
  new MutationObserver(place).observe(audience, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-found", "data-everywhere"] });
  // What was typed while the page was still loading, when nothing counted yet.
  window.addEventListener("load", () => setTimeout(() => tell(document.querySelector("#where, #answer_lieu"), "input")));
})();
// With the keyboard: the number is typed at once, and after the sending the next Tab is at « Annuler ». Nothing scrolls, but
// where the window is so low (200 % zoom) that the field would not be seen; the bar that sends is always seen.
if (matchMedia("(pointer: fine)").matches) {
  const first = document.querySelector("#typed") || document.querySelector("[data-begin]");
  if (first && first.tabIndex < 0) first.tabIndex = -1;
  first?.focus({ preventScroll: innerHeight > 600 || first.closest(".alert-next") !== null });
}
