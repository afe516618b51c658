// The camera, read continuously. One picture at a time goes to the program that serves the page;
// the next follows when that one is answered, so that nothing queues up on a slow computer.
const WIDTH = 480; // pixels of a picture that is sent, at least,
const AREA = 480 * 360; // and in all: people stand side by side, so a wide picture is wider
const QUALITY = 0.8;
const WAIT = 1000; // milliseconds until what could not be sent is tried again
const LOST = 5000; // milliseconds without an answer after which the connection counts as lost
const GIVEN_UP = 20000; // milliseconds after which an answer is no longer waited for
const OLD = 2000; // milliseconds after which an answer begins to fade, until it is LOST
const DARK = "#141414";

export default function ({ data, parentElement }) {
  const camera = (parentElement.camera ??= new Camera(parentElement));
  camera.visit = data.visit;
  return () => camera.stop();
}

class Camera {
  constructor(root) {
    const find = (name) => root.querySelector(name);
    this.video = find("video");
    this.canvas = find("canvas");
    this.button = find("button");
    this.choice = find("select");
    this.status = find(".status");
    this.speed = find(".speed");
    this.cards = find(".cards");
    this.stage = find(".stage");
    this.font = getComputedStyle(this.stage).fontFamily;
    this.sight = new Sight();
    this.speech = new Speech(find(".said"));
    this.turn = 0; // counts starts and stops: a camera granted after a stop is not wanted any more
    this.button.onclick = () => (this.stream ? this.stop() : this.start());
    this.choice.onchange = () => this.start();
    this.video.onresize = () => this.shape();
    this.say("Camera off.");
  }

  async start() {
    this.stop();
    this.say("Waiting for the camera …");
    const turn = this.turn;
    const device = this.choice.value;
    const wanted = device ? { deviceId: { exact: device } } : { facingMode: "user" };
    try {
      if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
      const video = { width: 640, ...wanted };
      const stream = await navigator.mediaDevices.getUserMedia({ video });
      if (turn !== this.turn) return release(stream);
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
      await this.list();
      if (turn !== this.turn) return;
    } catch (error) {
      if (turn !== this.turn) return;
      this.stop();
      this.say(explain(error));
      return;
    }
    this.stage.classList.add("on");
    this.button.textContent = "Stop the camera";
    this.say("");
    this.heard = performance.now(); // the last answer; none yet, so count from here
    this.read(turn);
    this.paint(turn);
  }

  stop() {
    this.turn += 1;
    if (this.stream) release(this.stream);
    this.stream = null;
    this.rate = 0;
    this.stage.classList.remove("on");
    this.button.textContent = "Start the camera";
    this.speed.textContent = "";
    this.forget();
    this.say("Camera off.");
  }

  // The cameras that can be chosen; browsers tell their names once one was allowed.
  async list() {
    const track = this.stream.getVideoTracks()[0];
    this.mirrored = track.getSettings().facingMode !== "environment"; // as people know themselves
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === "videoinput");
    const options = cameras.map(({ label, deviceId }, i) => new Option(label || `Camera ${i + 1}`, deviceId));
    this.choice.replaceChildren(...options);
    this.choice.value = track.getSettings().deviceId;
    this.choice.hidden = cameras.length < 2;
  }

  shape() {
    const { videoWidth, videoHeight } = this.video;
    if (videoWidth && videoHeight) this.stage.style.setProperty("--shape", videoWidth / videoHeight);
  }

  async read(turn) {
    await this.asked; // of the camera before: the server reads one picture at a time
    while (turn === this.turn) {
      const sent = performance.now();
      const ready = this.video.videoWidth && !document.hidden;
      if (!ready) this.heard = sent; // nothing is waited for
      this.asked = ready ? this.ask().catch(() => null) : null;
      const answer = await this.asked;
      if (turn !== this.turn) return;
      if (answer) this.show(answer, sent);
      else await new Promise((done) => setTimeout(done, ready ? WAIT : 100));
    }
  }

  async ask() {
    const { videoWidth, videoHeight } = this.video;
    const enough = Math.max(WIDTH / videoWidth, Math.sqrt(AREA / (videoWidth * videoHeight)));
    const scale = Math.min(1, enough);
    const picture = new OffscreenCanvas(Math.round(videoWidth * scale), Math.round(videoHeight * scale));
    picture.getContext("2d").drawImage(this.video, 0, 0, picture.width, picture.height);
    const seen = this.sight.look(this.video);
    const body = await picture.convertToBlob({ type: "image/jpeg", quality: QUALITY });
    const folder = location.pathname.replace(/\/?$/, "/"); // the page may be served below one
    const signal = AbortSignal.timeout(GIVEN_UP);
    const response = await fetch(`${folder}live/${this.visit}`, { method: "POST", body, signal });
    return response.ok ? { ...(await response.json()), seen } : null;
  }

  show({ faces, size, note, seen }, sent) {
    const now = performance.now();
    const rate = 1000 / (now - sent);
    this.rate = this.rate ? 0.8 * this.rate + 0.2 * rate : rate;
    if (!(now - this.told < 1000)) {
      this.speed.textContent = `${this.rate.toFixed(1)} pictures a second`;
      this.told = now;
    }
    this.heard = now;
    this.painted = null; // the picture that is on view may be another than the one that was read
    this.seen = seen;
    this.size = size;
    this.faces = this.mirrored ? faces.toReversed() : faces; // from left to right, as seen
    this.cards.innerHTML = this.faces.map(({ card }) => card).join(""); // made by markup.py, which escapes
    if (faces.length > 1) this.number();
    this.speech.hear(this.faces.map(({ number, said }) => (number ? `${number} ${said}` : said)).join(", "), now);
    this.say(note);
  }

  // As in photographs, where there are several.
  number() {
    this.faces.forEach((face, i) => {
      face.number = i + 1;
      const heading = `<h2><span class="unseen">Face </span>${face.number}</h2>`;
      this.cards.children[i].insertAdjacentHTML("afterbegin", heading);
    });
  }

  forget() {
    this.faces = [];
    this.size = [1, 1];
    this.cards.replaceChildren();
    this.speech.forget();
    this.draw();
  }

  // With every picture of the camera: the frames follow the faces, and old answers fade.
  paint(turn) {
    if (turn !== this.turn) return;
    requestAnimationFrame(() => this.paint(turn));
    const silent = performance.now() - this.heard;
    const strength = Math.min(1, Math.max(0, (LOST - silent) / (LOST - OLD)));
    this.canvas.style.opacity = this.cards.style.opacity = strength;
    if (silent > LOST) {
      this.speed.textContent = "";
      this.rate = 0;
      this.say(
        navigator.onLine
          ? "No answer: the connection is lost, or the server is busy. Trying again …"
          : "Offline: this device has no connection. Trying again …",
      );
      if (this.faces.length) this.forget();
    }
    if (this.painted === this.video.currentTime) return;
    this.painted = this.video.currentTime;
    this.move();
    this.draw();
  }

  move() {
    if (!this.faces.length) return;
    const now = this.sight.look(this.video);
    const scale = this.seen.width / this.size[0];
    for (const face of this.faces) {
      const box = face.box.map((value) => value * scale);
      face.shift = follow(this.seen, now, box, face.shift);
      face.moved = face.shift.map((value) => value / scale);
    }
  }

  // In pixels of the page. The video of a front camera is mirrored, and so are the frames, but not
  // the words.
  draw() {
    const { canvas, faces, mirrored } = this;
    const { clientWidth: width, clientHeight: height } = canvas;
    const sharp = window.devicePixelRatio || 1;
    canvas.width = width * sharp;
    canvas.height = height * sharp;
    canvas.classList.toggle("mirrored", Boolean(mirrored));
    this.video.classList.toggle("mirrored", Boolean(mirrored));
    const pen = canvas.getContext("2d");
    pen.scale(sharp, sharp);
    const scale = width / this.size[0];
    for (const { box, moved = [0, 0], ...look } of faces) {
      const [x, y] = [0, 1].map((i) => (box[i] + moved[i]) * scale);
      const [across, down] = [box[2] * scale, box[3] * scale];
      frame(pen, [mirrored ? width - x - across : x, y, across, down], look, this.font, width);
    }
  }

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text; // else it is read out again
  }
}

function frame(pen, [x, y, across, down], { number, text, colour, uncertain }, font, width) {
  const word = number ? `${number}  ${text}` : text;
  pen.setLineDash([]);
  pen.lineWidth = 5;
  pen.strokeStyle = DARK;
  pen.strokeRect(x, y, across, down);
  pen.setLineDash(uncertain ? [12, 9] : []);
  pen.lineWidth = 3;
  pen.strokeStyle = colour;
  pen.strokeRect(x, y, across, down);
  pen.font = `600 14px ${font}`;
  pen.textBaseline = "middle";
  const [long, high] = [pen.measureText(word).width + 12, 22];
  const left = Math.max(0, Math.min(x - 2, width - long));
  const top = y > high ? y - high : Math.max(0, y);
  pen.fillStyle = DARK;
  pen.fillRect(left, top, long, high);
  pen.fillStyle = colour;
  pen.fillText(word, left + 6, top + high / 2);
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
