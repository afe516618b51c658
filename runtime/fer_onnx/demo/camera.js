// The camera, read continuously. One picture at a time goes to the program that serves the page;
// the next follows when that one is answered, so that nothing queues up on a slow computer.
const WIDTH = 480; // pixels of a picture that is sent
const QUALITY = 0.8;
const PATIENCE = 5000; // milliseconds after which an answer counts as lost
const DARK = "#141414";

export default function ({ data, parentElement, setStateValue }) {
  const camera = (parentElement.camera ??= new Camera(parentElement));
  camera.send = (frame) => setStateValue("frame", frame);
  camera.answered(data);
  return () => camera.stop();
}

class Camera {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.video = find("video");
    this.canvas = find("canvas");
    this.button = find("button");
    this.status = find(".status");
    this.speed = find(".speed");
    this.cards = find(".cards");
    this.stage = find(".stage");
    this.font = getComputedStyle(this.stage).fontFamily;
    this.number = Date.now(); // never one that another visit to this page has used
    this.turn = 0; // counts starts and stops: a camera granted after a stop is not wanted any more
    this.button.onclick = () => (this.stream ? this.stop() : this.start());
    this.say("Camera off.");
  }

  async start() {
    this.say("Waiting for the camera …");
    const turn = ++this.turn;
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640 } });
      if (turn !== this.turn) return release(stream);
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
      if (turn !== this.turn) return;
    } catch (error) {
      if (turn !== this.turn) return;
      this.stop();
      this.say(explain(error));
      return;
    }
    this.stage.classList.add("on");
    this.button.textContent = "Stop the camera";
    this.rate = 0;
    this.said = 0;
    this.say("");
    this.take();
    this.timer = setInterval(() => this.retry(), 1000);
  }

  stop() {
    clearInterval(this.timer);
    this.turn += 1;
    if (this.stream) release(this.stream);
    this.stream = null;
    this.number += 1; // an answer on its way is no longer waited for
    this.stage.classList.remove("on");
    this.button.textContent = "Start the camera";
    this.cards.replaceChildren();
    this.speed.textContent = "";
    this.draw([], [1, 1]);
    this.say("Camera off.");
  }

  take() {
    const { videoWidth, videoHeight } = this.video;
    if (!this.stream || !videoWidth || document.hidden) return;
    const picture = new OffscreenCanvas(WIDTH, Math.round((WIDTH * videoHeight) / videoWidth));
    picture.getContext("2d").drawImage(this.video, 0, 0, picture.width, picture.height);
    this.number += 1;
    this.sent = performance.now();
    const number = this.number;
    picture.convertToBlob({ type: "image/jpeg", quality: QUALITY }).then((blob) => {
      const reader = new FileReader();
      reader.onload = () => this.stream && this.send({ number, picture: reader.result });
      reader.readAsDataURL(blob);
    });
  }

  retry() {
    if (performance.now() - this.sent < PATIENCE) return;
    if (!document.hidden) this.say("Waiting for an answer …");
    this.take();
  }

  answered(answer) {
    if (!this.stream || answer?.number !== this.number) return;
    const rate = 1000 / (performance.now() - this.sent);
    this.rate = this.rate ? 0.8 * this.rate + 0.2 * rate : rate;
    this.draw(answer.faces, answer.size);
    this.cards.innerHTML = answer.html; // made by markup.py, which escapes the labels
    this.say(answer.note);
    if (performance.now() - this.said > 1000) {
      this.speed.textContent = `${this.rate.toFixed(1)} pictures a second`;
      this.said = performance.now();
    }
    this.take();
  }

  // The video is mirrored, as people know themselves; so are the frames, but not the words.
  draw(faces, [width, height]) {
    const { canvas } = this;
    const sharp = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * sharp;
    canvas.height = canvas.clientHeight * sharp;
    const pen = canvas.getContext("2d");
    pen.scale((canvas.clientWidth / width) * sharp, (canvas.clientHeight / height) * sharp);
    const line = width / 160;
    pen.font = `600 ${width / 28}px ${this.font}`;
    pen.textBaseline = "top";
    for (const { box, text, colour, uncertain } of faces) {
      const [x, y, across, down] = [width - box[0] - box[2], ...box.slice(1)];
      pen.setLineDash([]);
      pen.lineWidth = 1.8 * line;
      pen.strokeStyle = DARK;
      pen.strokeRect(x, y, across, down);
      pen.setLineDash(uncertain ? [5 * line, 4 * line] : []);
      pen.lineWidth = line;
      pen.strokeStyle = colour;
      pen.strokeRect(x, y, across, down);
      const [long, high] = [pen.measureText(text).width + 4 * line, width / 22];
      const top = y > high ? y - high : y;
      pen.fillStyle = DARK;
      pen.fillRect(x - line, top, long, high);
      pen.fillStyle = colour;
      pen.fillText(text, x + line, top + high / 8);
    }
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text; // else it is read out again
  }
}

function release(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

function explain({ name }) {
  if (name === "NotFoundError") return "No camera was found.";
  if (name === "NotReadableError") return "Another program uses the camera.";
  if (name === "SecurityError") return "Browsers give the camera to https and localhost alone.";
  return "The browser was not allowed the camera: allow it beside the address, and start again.";
}
