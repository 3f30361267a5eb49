// The second factor: a code, or a security key that the browser asks; what it answers goes into the form around it.
"use strict";

// A whole code needs no button, also one that was typed before this script came.
for (const field of document.querySelectorAll("[data-code-sends]")) {
  const sendWhole = () => {
    if (/^\d{6}$/.test(field.value)) field.form.requestSubmit();
  };
  field.addEventListener("input", sendWhole);
  // Not what the browser put back after a reload: that code is used.
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") sendWhole();
}

for (const button of document.querySelectorAll("[data-key-make], [data-key-ask]")) {
  const makes = button.dataset.keyMake;
  const reads = makes ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  if (!window.PublicKeyCredential?.[reads]) continue; // stays hidden
  button.hidden = false;
  button.addEventListener("click", async () => {
    const form = button.form;
    const failed = form.querySelector("[data-key-failed]");
    failed.hidden = true;
    try {
      const publicKey = PublicKeyCredential[reads](JSON.parse(makes ?? button.dataset.keyAsk));
      const answer = await navigator.credentials[makes ? "create" : "get"]({ publicKey });
      form.elements.key.value = JSON.stringify(answer.toJSON());
      for (const field of form.querySelectorAll("[data-not-with-key]")) field.required = false;
      form.requestSubmit(form.querySelector("[data-key-submit]") ?? undefined);
    } catch {
      failed.hidden = false;
    }
  });
}
