// What the page does in the browser by itself: pictures from the clipboard go the way of any other
// upload, a face and its card light each other up, and changed answers are said to screen readers.
const UPLOADER = '[data-testid="stFileUploader"] input[type="file"]';
const TAKEN = '[data-testid="stFileChip"]';
const REGION = "fer-onnx-said";
const TRIES = 5; // times that a pasted picture is handed over
const AGAIN = 1500; // milliseconds between them

export default function ({ data }) {
  const watch = new MutationObserver(() => prepare(data.accept)); // the uploader may come later
  watch.observe(document.body, { childList: true, subtree: true });
  prepare(data.accept);
  say(data.said);
  const listeners = { paste, mouseover: light, focusin: light };
  const each = (act) => Object.entries(listeners).forEach(([name, listen]) => act(name, listen));
  each((name, listen) => document.addEventListener(name, listen));
  return () => {
    watch.disconnect();
    each((name, listen) => document.removeEventListener(name, listen));
  };
}

function prepare(accept) {
  const input = document.querySelector(UPLOADER);
  // offered are the formats that are read: telephones then convert theirs to one of them
  if (input) input.accept = accept;
  const dropzone = document.querySelector('[data-testid="stFileUploaderDropzone"]');
  dropzone?.setAttribute("role", "group"); // it can be focused, so it has a part to play
  dropzone?.setAttribute("aria-label", "Pictures to upload");
}

function paste(event) {
  const pictures = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  if (!document.querySelector(UPLOADER) || !pictures.length) return;
  event.preventDefault();
  hand(pictures, document.querySelectorAll(TAKEN).length);
}

// A view that is being drawn may replace the uploader before it has taken the pictures, which it shows
// at once when it has: then they are handed over again.
function hand(pictures, before, left = TRIES) {
  const input = document.querySelector(UPLOADER);
  if (!input) return;
  const transfer = new DataTransfer();
  pictures.forEach((file) => transfer.items.add(file));
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  setTimeout(() => {
    const taken = document.querySelectorAll(TAKEN).length > before;
    if (!taken && left > 1) hand(pictures, before, left - 1);
  }, AGAIN);
}

function light({ target }) {
  const face = target.closest?.("[data-face]")?.dataset.face;
  for (const element of document.querySelectorAll("[data-face]"))
    element.classList.toggle("lit", element.dataset.face === face);
}

// The region must be there before its text changes, and outlive every answer.
function say(text) {
  let region = document.getElementById(REGION);
  if (!region) {
    region = document.createElement("div");
    region.id = REGION;
    region.className = "unseen";
    region.setAttribute("role", "status");
    (document.querySelector("section.stMain") ?? document.body).append(region);
    region.dataset.said = text; // what the page opens on is no change
  }
  if (text && region.dataset.said !== text) {
    region.dataset.said = text;
    region.textContent = text;
  }
}
