// What a screen reader says of answers that never rest: what has held for a while, once, and with
// pauses, so that whoever listens can follow.
const HELD = 1500; // milliseconds that an answer must hold before it is said
const PAUSE = 4000; // milliseconds between two that are said

class Speech {
  /** Write what is to be said into a live region. */
  constructor(region) {
    this.region = region;
    this.forget();
  }

  forget() {
    this.said = this.heard = "";
    this.spoke = -Infinity;
    this.region.textContent = "";
  }

  /** Take the answer of this moment, in milliseconds. */
  hear(text, now) {
    if (text !== this.heard) [this.heard, this.since] = [text, now];
    if (text === this.said || now - this.since < HELD || now - this.spoke < PAUSE) return;
    [this.said, this.spoke] = [text, now];
    this.region.textContent = text;
  }
}
