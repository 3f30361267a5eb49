// What was typed comes back with the page, after « back » or a reload: the browser keeps no field that it may not suggest
// elsewhere, as the place, and a box ticked for a place that is gone would be nobody's choice.
(() => {
  const form = document.querySelector("#compose");
  if (!form) return;
  const isTick = (each) => ["checkbox", "radio"].includes(each.type);
  const key = (each) => isTick(each) ? `${each.name}=${each.value}` : each.name;
  const fields = () => [...form.elements].filter((each) => each.name === "placed" || (each.name && !["hidden", "submit"].includes(each.type)));
  const keep = () => {
    const typed = fields().map((each) => [key(each), isTick(each) ? each.checked : each.value]);
    history.replaceState({ typed: Object.fromEntries(typed) }, "");
  };
  const typed = history.state?.typed;
  for (const each of typed ? fields() : []) {
    if (!(key(each) in typed)) continue;
    if (isTick(each)) each.checked = typed[key(each)];
    else each.value = typed[key(each)];
  }
  for (const name of ["input", "change"]) form.addEventListener(name, keep);
  if (typed) window.addEventListener("load", () => setTimeout(() => form.dispatchEvent(new Event("input", { bubbles: true }))));
})();
// The place drives the audience: the server says which neighbourhoods it names, and they are ticked until somebody chooses
// by hand. What is ticked is by hand where it is not what the place chose last, also on a page that came back.
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
  audience.addEventListener("change", (event) => {
    if (event.target.id === "where") return;
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
    if (around) tick(JSON.parse(around.dataset.around));
  });
  if (!audience.querySelector("#place-found")) return;
  const found = () => audience.querySelector("#place-found").dataset;
  // Whoever ticks a further neighbourhood before the server has said which one the place is in gets both.
  let both = false;
  audience.addEventListener("change", (event) => {
    if (event.target.name !== "neighbourhood" || !event.target.checked) return;
    both = document.querySelector("#where, #answer_lieu").value.trim() !== found().where;
  });
  const placed = audience.querySelector("input[name=placed]");
  const sorted = (names) => JSON.stringify(names && [...names].sort());
  const ticked = () => way("all").checked ? null : boxes().filter((each) => each.checked).map((each) => each.value);
  const isByHand = () => audience.querySelector("input[name=group]:checked, input[name=only_street]:checked")
    || sorted(ticked()) !== sorted(JSON.parse(placed.value));
  const place = () => {
    if (found().found === placed.value || (isByHand() && !both)) return;
    placed.value = found().found;
    const names = JSON.parse(placed.value);
    if (!both) {
      boxes().forEach((each) => { each.checked = false; });
      way("all").checked = names === null;
      way("some").checked = false;
    }
    both = false;
    tick(names || []);
  };
  new MutationObserver(place).observe(audience, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-found"] });
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
