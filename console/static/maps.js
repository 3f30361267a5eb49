// The map mirrors the boxes of the list: each shape is a tick of its own, with the mouse and with the keyboard.
(() => {
  const map = document.querySelector("[data-map]");
  const list = document.querySelector("[data-places]");
  if (!list) return;
  const box = (name) => [...list.querySelectorAll("input[name=neighbourhood]")].find((each) => each.value === name);
  const shapes = map ? [...map.querySelectorAll("[data-place]")] : [];

  const mirror = () => shapes.forEach((shape) => {
    shape.setAttribute("aria-checked", String(Boolean(box(shape.dataset.place)?.checked)));
  });
  const toggle = (shape) => {
    const chosen = box(shape.dataset.place);
    if (!chosen) return;
    chosen.checked = !chosen.checked;
    for (const name of ["input", "change"]) chosen.dispatchEvent(new Event(name, { bubbles: true }));
  };
  shapes.filter((shape) => box(shape.dataset.place)).forEach((shape) => {
    shape.setAttribute("role", "checkbox");
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("aria-label", shape.dataset.place);
    shape.addEventListener("click", () => toggle(shape));
    shape.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      toggle(shape);
    });
  });
  for (const name of ["change", "placed"]) list.addEventListener(name, mirror);
  mirror();
})();
// An outline is drawn corner by corner: each click writes a line into the field, which is what is saved.
(() => {
  const map = document.querySelector("[data-draw]");
  const field = document.querySelector("#points");
  if (!map || !field) return;
  const at = Object.fromEntries(Object.entries(map.dataset).map(([name, value]) => [name, Number(value)]));
  const line = map.querySelector("polygon");
  const corners = () => field.value.split("\n").map((each) => each.split(",").map(Number)).filter((each) => each.length === 2 && each.every(Number.isFinite));
  const show = () => line.setAttribute("points", corners().map(([x, y]) => `${at.margin + (x - at.west) * at.shrink * at.scale},${at.margin + (at.north - y) * at.scale}`).join(" "));
  map.addEventListener("click", (event) => {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
    const corner = [at.west + (point.x - at.margin) / at.scale / at.shrink, at.north - (point.y - at.margin) / at.scale];
    field.value = `${field.value.trimEnd()}\n${corner.map((each) => each.toFixed(6)).join(", ")}`.trimStart();
    show();
  });
  document.querySelector("[data-draw-undo]")?.addEventListener("click", () => {
    field.value = field.value.trimEnd().split("\n").slice(0, -1).join("\n");
    show();
  });
  field.addEventListener("input", show);
  show();
})();
