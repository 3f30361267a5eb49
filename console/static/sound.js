// A sound while something on the page needs a person now ([data-aloud]). A browser plays none on a page before somebody
// pressed something, there or on the page before it, such as the button of sign-in: until then a button says so.
(() => {
  const button = document.getElementById("sound");
  if (!button || !window.AudioContext) return;
  const context = new AudioContext();
  const told = document.documentElement.dataset;
  const show = () => {
    const muted = context.state !== "running";
    told.sound = muted ? "muted" : "allowed";
    button.hidden = !muted;
  };
  const beep = (after, pitch) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = 0.25;
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + after);
    tone.stop(context.currentTime + after + 0.18);
  };
  const ring = () => {
    show();
    if (context.state !== "running" || !document.querySelector("[data-aloud]")) return;
    [[0, 880], [0.25, 660], [0.5, 880]].forEach(([after, pitch]) => beep(after, pitch));
    told.rings = Number(told.rings || 0) + 1;
  };
  const allow = () => context.resume();
  context.addEventListener("statechange", show);
  ["pointerdown", "keydown"].forEach((name) => document.addEventListener(name, allow));
  button.addEventListener("click", allow);
  // It starts by itself a moment later where it may.
  setTimeout(ring, 500);
  setInterval(ring, 5000);
})();
