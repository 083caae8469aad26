// The transport of a song: it plays vocals and accompaniment together, follows them with a playhead, and plays the
// segment that is clicked. `element` is the component, `trigger` sends events to the server.
const names = ["vocals", "accompaniment"];
const stems = () => names.map((name) => document.querySelector(`#${name} audio`)).filter(Boolean);
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const clock = (time) => `${Math.floor(time / 60)}:${String(Math.floor(time % 60)).padStart(2, "0")}`;
let end = Infinity;

const pause = () => stems().forEach((stem) => stem.pause());

const play = (start, stop) => {
  const playing = stems();
  end = stop;
  for (const stem of playing) stem.currentTime = start;
  Promise.all(playing.map((stem) => stem.play())).catch(pause);
  requestAnimationFrame(follow);
};

const follow = () => {
  const [first, ...others] = stems();
  if (!first || !part("song")) return;
  const time = first.currentTime, duration = Number(part("song").dataset.duration);
  for (const stem of others) if (Math.abs(stem.currentTime - time) > 0.05) stem.currentTime = time;
  if (time >= end) pause();
  part("playhead").style.left = `${100 * Math.min(1, time / duration)}%`;
  part("time").textContent = `${clock(time)} / ${clock(duration)}`;
  part("play").textContent = first.paused ? "Play" : "Pause";
  for (const button of element.querySelectorAll("[data-start]"))
    button.toggleAttribute("data-playing", !first.paused && time >= button.dataset.start && time < button.dataset.end);
  if (!first.paused) requestAnimationFrame(follow);
};

const mute = (name) => {
  const stem = document.querySelector(`#${name} audio`), button = part(name);
  if (!stem) return;
  stem.muted = !stem.muted;
  button.setAttribute("aria-pressed", String(!stem.muted));
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { start, end: stop, part: name } = button.dataset;
  if (start !== undefined) {
    // With the keyboard there is no place; then it is the middle of the segment.
    const box = button.getBoundingClientRect();
    const share = event.detail && button.closest("[data-part=stage]") ? (event.clientX - box.left) / box.width : 0.5;
    play(Number(start), Number(stop));
    trigger("select", { at_s: Number(start) + share * (stop - start) });
  } else if (name === "play") {
    const [first] = stems();
    if (first && !first.paused) { pause(); follow(); }
    else if (first) play(first.ended ? 0 : first.currentTime, Infinity);
  } else if (names.includes(name)) mute(name);
});
