// One poll for all that is live on a page: a live part brings the header along, which asks by itself only where there is none.
// What the page shows is as old as the last answer; when none comes that is said, over greyed figures.
(() => {
  const root = document.documentElement.dataset;
  const notice = document.getElementById("lost");
  if (!notice) return;
  const TOO_LONG_MS = 2500, SAID_FOR_MS = 5000;
  let answeredAt = Date.now(), askedAt = 0, failed = false, backUntil = 0;
  const polls = (event) => event.detail.ctx?.sourceEvent?.type === "every";
  document.addEventListener("htmx:before:request", (event) => {
    if (!polls(event)) return;
    if (event.target.id === "status" && document.querySelector("main [data-live]")) event.preventDefault();
    else askedAt ||= Date.now();
  });
  document.addEventListener("htmx:after:request", (event) => {
    failed = event.detail.ctx.response.status >= 500;
    askedAt = 0;
    if (failed) return;
    answeredAt = Date.now();
    if (root.lost !== undefined) backUntil = answeredAt + SAID_FOR_MS;
    show();
  });
  document.addEventListener("htmx:error", (event) => {
    if (!polls(event)) return;
    failed = true;
    askedAt = 0;
    show();
  });
  const show = () => {
    const now = Date.now();
    const lost = failed || (askedAt && now - askedAt > TOO_LONG_MS);
    if (lost) root.lost = "";
    else delete root.lost;
    notice.hidden = !lost && now > backUntil;
    notice.classList.toggle("plp-lost-back", !lost);
    const seconds = Math.round((now - answeredAt) / 1000);
    notice.querySelector("[data-since]").textContent = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  };
  setInterval(show, 500);
})();
// Under a finger nothing is sent that was not there half a second before. What moved because of the person's own typing or
// scrolling, and a press of the keyboard, are meant.
(() => {
  const SENDS = ".plp-button-live[type=submit], .plp-button-ringing, form[data-busy] :is(.plp-button-primary, .plp-button-drill)[type=submit], [form=alert-send][type=submit]";
  const STILL_FOR_MS = 500, OWN_DEED_MS = 1000, NEAR_PX = 8, SAID_FOR_MS = 4000;
  const notice = document.getElementById("moved");
  const known = new WeakMap();
  let ownDeedAt = 0, timer = 0;
  for (const name of ["input", "keydown", "toggle"]) document.addEventListener(name, () => { ownDeedAt = Date.now(); }, true);
  const look = (isFirst) => {
    for (const button of document.querySelectorAll(SENDS)) {
      const box = button.getBoundingClientRect(), before = known.get(button), now = Date.now();
      const place = { x: box.x, y: box.y, scroll: scrollY, seen: button.checkVisibility({ visibilityProperty: true }) };
      // What is scrolled keeps its place on the page, what sticks its place in the window, and what ceases to stick goes
      // a part of the way.
      const scrolled = before ? before.scroll - scrollY : 0, down = before ? box.y - before.y : 0;
      const far = down < Math.min(0, scrolled) - NEAR_PX || down > Math.max(0, scrolled) + NEAR_PX;
      const moved = before?.seen ? far || Math.abs(box.x - before.x) > NEAR_PX : !isFirst;
      place.movedAt = place.seen && moved && now - ownDeedAt > OWN_DEED_MS ? now : before?.movedAt ?? 0;
      known.set(button, place);
    }
  };
  document.addEventListener("click", (event) => {
    const button = event.detail && event.target.closest?.(SENDS);
    if (button) look(); // before this press counts as a deed: what moved since the last look was not asked for
    ownDeedAt = Date.now();
    if (!button || Date.now() - known.get(button).movedAt > STILL_FOR_MS) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const box = button.getBoundingClientRect();
    notice.style.left = `${box.x}px`;
    notice.style.bottom = `${innerHeight - box.y + NEAR_PX}px`;
    notice.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => { notice.hidden = true; }, SAID_FOR_MS);
  }, true);
  look(true);
  setInterval(look, 100);
})();
