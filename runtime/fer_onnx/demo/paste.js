// Pictures from the clipboard go the way of any other upload: into the uploader of the page.
const UPLOADER = '[data-testid="stFileUploader"] input[type="file"]';

export default function () {
  const paste = (event) => {
    const input = document.querySelector(UPLOADER);
    const pictures = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
    if (!input || !pictures.length) return;
    event.preventDefault();
    const transfer = new DataTransfer();
    pictures.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}
