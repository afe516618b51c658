// How far a face has moved since the picture in which it was found, by comparing small grey
// pictures: the shift at which the face's pixels differ least (block matching, sum of absolute
// differences). Boxes and shifts are in pixels of those small pictures.
const SMALL = 192; // pixels of the longer side of a small picture
const POINTS = 16; // compared across a face, and as many down
const FAR = 22; // pixels that a face may move while its picture is read
const NEAR = 5; // pixels that it may move from one picture of the camera to the next
const UNLIKE = 30; // mean difference, of 255, above which nothing resembles the face
const STAY = 0.15; // of difference that a pixel of shift must win: plain surfaces do not wander

/** Small grey pictures of a video. */
class Sight {
  constructor() {
    this.canvas = document.createElement("canvas");
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
  }

  look(video) {
    const { videoWidth, videoHeight } = video;
    const scale = SMALL / Math.max(videoWidth, videoHeight);
    const [width, height] = [videoWidth, videoHeight].map((side) => Math.round(side * scale));
    if (this.canvas.width !== width || this.canvas.height !== height)
      Object.assign(this.canvas, { width, height });
    this.pen.drawImage(video, 0, 0, width, height);
    const { data } = this.pen.getImageData(0, 0, width, height);
    const grey = new Uint8Array(width * height);
    for (let i = 0; i < grey.length; i++)
      grey[i] = (77 * data[4 * i] + 151 * data[4 * i + 1] + 28 * data[4 * i + 2]) >> 8;
    return { grey, width, height };
  }
}

/** Return how far what was in the box before is moved now: [x, y], near the last such shift. */
function follow(before, now, box, last) {
  const reach = last ? NEAR : FAR;
  const [left, top] = (last ?? [0, 0]).map(Math.round);
  const points = choosePoints(before, box);
  const cost = (x, y) => compare(before, now, points, x, y) + STAY * Math.hypot(x - left, y - top);
  let [least, bestX, bestY] = [Infinity, left, top];
  for (let y = top - reach; y <= top + reach; y++)
    for (let x = left - reach; x <= left + reach; x++) {
      const found = cost(x, y);
      if (found < least) [least, bestX, bestY] = [found, x, y];
    }
  if (least > UNLIKE) return last ?? [0, 0];
  return [
    bestX + refine(cost(bestX - 1, bestY), least, cost(bestX + 1, bestY)),
    bestY + refine(cost(bestX, bestY - 1), least, cost(bestX, bestY + 1)),
  ];
}

function choosePoints({ width, height }, [x, y, across, down]) {
  const points = [];
  for (let j = 0; j < POINTS; j++)
    for (let i = 0; i < POINTS; i++) {
      const column = Math.round(x + ((i + 0.5) * across) / POINTS);
      const row = Math.round(y + ((j + 0.5) * down) / POINTS);
      if (column >= 0 && column < width && row >= 0 && row < height) points.push([column, row]);
    }
  return points;
}

// The mean difference of the points that are in view; none if fewer than half are.
function compare(before, now, points, x, y) {
  const { grey, width, height } = now;
  let [sum, count] = [0, 0];
  for (const [column, row] of points) {
    const [movedColumn, movedRow] = [column + x, row + y];
    if (movedColumn < 0 || movedColumn >= width || movedRow < 0 || movedRow >= height) continue;
    const found = grey[movedRow * width + movedColumn];
    sum += Math.abs(found - before.grey[row * width + column]);
    count += 1;
  }
  return 2 * count > points.length ? sum / count : Infinity;
}

// Where between three neighbours the least lies: the vertex of the V through them.
function refine(left, middle, right) {
  const slope = Math.max(left, right) - middle;
  return slope > 0 && slope < Infinity ? (left - right) / (2 * slope) : 0;
}
