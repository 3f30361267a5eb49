// A form leaves only while the console answers. Without a connection the browser would show a page of its own: what was
// typed would be out of sight, and whoever reloads that page would send. So a press asks first, and where nothing answers
// the page stays as it is, until a person presses again. A pressed button says what it is doing, and a second press does
// nothing; the server would not send twice anyway.
(() => {
  const TOO_LONG_MS = 6000, NEAR_PX = 8;
  const notice = document.getElementById("unsent");
  const answers = async () => {
    try {
      const signal = AbortSignal.timeout(TOO_LONG_MS);
      return (await fetch(notice.dataset.asks, { cache: "no-store", credentials: "omit", signal })).ok;
    } catch {
      return false;
    }
  };
  // The button of a bar that stays in view stands outside of its form.
  const wordsOf = (form) => [...form.elements].flatMap((each) => [...each.querySelectorAll("[data-words]")]);
  const say = (form) => {
    form.dataset.pressed = "asking";
    if (!form.dataset.busy) return;
    for (const words of wordsOf(form)) { words.dataset.words ||= words.textContent; words.textContent = form.dataset.busy; }
  };
  const unsay = (form) => {
    delete form.dataset.pressed;
    for (const words of wordsOf(form)) if (words.dataset.words) words.textContent = words.dataset.words;
  };
  const keep = (form, button) => {
    unsay(form);
    notice.hidden = false;
    const box = (button?.checkVisibility?.() ? button : form).getBoundingClientRect();
    notice.style.left = `${Math.max(NEAR_PX, Math.min(box.x, innerWidth - notice.offsetWidth - NEAR_PX))}px`;
    const above = Math.max(NEAR_PX, Math.min(innerHeight - box.y + NEAR_PX, innerHeight - notice.offsetHeight - NEAR_PX));
    notice.style.bottom = `${above}px`;
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    if (form.method !== "post" || event.defaultPrevented) return;
    const isLast = form.dataset.busy && button?.dataset.edits === undefined;
    if (form.dataset.pressed === "answered") {
      // What keeps the page (a file to save, a further field) may be pressed again.
      if (isLast) form.dataset.pressed = "left";
      else delete form.dataset.pressed;
      return;
    }
    event.preventDefault();
    if (form.dataset.pressed) return;
    notice.hidden = true;
    if (isLast) say(form);
    else form.dataset.pressed = "asking";
    const isThere = await answers();
    // A live part may have taken the button away meanwhile: another button would do something else.
    if (!isThere || !form.isConnected || (button && button.form !== form)) { keep(form, button); return; }
    form.dataset.pressed = "answered";
    form.requestSubmit(button);
    if (form.dataset.pressed === "answered") unsay(form);  // the browser asks for a field first
  });
  // Back from another page: the browser may show the page as it was left.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("form[data-pressed]").forEach(unsay);
  });
})();
