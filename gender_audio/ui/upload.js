// Gradio accepts only files that the browser calls audio. Phones also record videos, and files of types that browsers do
// not know; the server finds the sound in all of them. So every file may be chosen, and is passed on as audio.
const recordingInput = (target) => target.closest?.(".recording")?.querySelector("input[type=file]");

const asAudio = (files) => {
  const list = new DataTransfer();
  for (const file of files)
    list.items.add(file.type.startsWith("audio/") ? file : new File([file], file.name, { type: "audio/x-recording" }));
  return list.files;
};

// `capture`: before Gradio's own handlers.
document.addEventListener("click", (event) => event.target.matches?.(".recording input[type=file]") && event.target.removeAttribute("accept"), true);
document.addEventListener("change", (event) => {
  if (event.target === recordingInput(event.target)) event.target.files = asAudio(event.target.files);
}, true);
document.addEventListener("drop", (event) => {
  const input = recordingInput(event.target);
  if (!input || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  event.stopPropagation();
  input.files = asAudio(event.dataTransfer.files);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}, true);
