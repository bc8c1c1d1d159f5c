// The sheet to draw on: strokes by mouse, touch and pen, undo and clear, and the picture that is read.

const TAP = { distance: 5, time: 400 }; // px and ms; what is shorter in both chooses a digit, if it is on one
const PEN = { share: 56, thinnest: 6, thickest: 18 }; // the stroke width is the sheet's side / share, in px
const PAPER = "#ffffff";
const INK = "#000000";

export class Sheet {
  /**
   * @param canvas the sheet
   * @param changed is called after each stroke, undo and clear
   * @param chosen is called with the place of a tap; it says whether there was a digit
   */
  constructor(canvas, changed, chosen) {
    Object.assign(this, { canvas, changed, chosen, strokes: [], past: [], drawing: null });
    this.finished = document.createElement("canvas"); // the whole strokes, so that a move costs one stroke alone
    this.size = { width: 1, height: 1 };
    this.scale = 1;
    new ResizeObserver(() => this.fit()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.repaint());
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.lift(event));
    canvas.addEventListener("pointercancel", (event) => this.lift(event));
    this.fit();
  }

  get isEmpty() {
    return !this.strokes.length && !this.drawing;
  }

  get penWidth() {
    const side = Math.sqrt(this.size.width * this.size.height);
    return Math.min(PEN.thickest, Math.max(PEN.thinnest, side / PEN.share));
  }

  /** Fits the canvas to its place on the page. A drawing keeps its pixels and is shown smaller or larger. */
  fit() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (!width || !height) {
      return;
    }
    if (this.isEmpty) {
      this.size = { width, height };
    }
    this.scale = Math.min(width / this.size.width, height / this.size.height);
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    this.repaint();
    this.resized?.();
  }

  place(event) {
    const edges = this.canvas.getBoundingClientRect();
    return { x: (event.clientX - edges.left) / this.scale, y: (event.clientY - edges.top) / this.scale };
  }

  press(event) {
    if (this.drawing || event.button > 0) {
      return;
    }
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = { id: event.pointerId, time: event.timeStamp };
    this.begin(this.place(event));
  }

  move(event) {
    if (this.pointer?.id !== event.pointerId || !this.drawing) {
      return;
    }
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      this.drawing.push(this.place(each));
    }
    this.paint();
  }

  lift(event) {
    if (this.pointer?.id !== event.pointerId || !this.drawing) {
      return;
    }
    const start = this.drawing[0];
    const far = Math.max(...this.drawing.map((at) => Math.hypot(at.x - start.x, at.y - start.y)));
    const isTap = far * this.scale < TAP.distance && event.timeStamp - this.pointer.time < TAP.time;
    const stroke = this.drawing;
    this.drawing = null;
    this.pointer = null;
    if (isTap && this.chosen(start)) {
      this.paint();
    } else {
      this.change([...this.strokes, stroke]);
    }
  }

  begin(at) {
    this.drawing = [at];
    this.paint();
  }

  end() {
    const stroke = this.drawing;
    this.drawing = null;
    this.pointer = null;
    this.change([...this.strokes, stroke]);
  }

  undo() {
    if (this.past.length) {
      this.strokes = this.past.pop();
      this.fit();
      this.changed();
    }
  }

  clear() {
    if (this.strokes.length) {
      this.change([]);
      this.fit();
    }
  }

  change(strokes) {
    this.past.push(this.strokes);
    this.strokes = strokes;
    this.repaint();
    this.changed();
  }

  /** Takes up a drawing that was kept: {size, strokes}. */
  restore({ size, strokes }) {
    this.size = size;
    this.strokes = strokes;
    this.past = strokes.map((_, number) => strokes.slice(0, number));
    this.fit();
    this.changed();
  }

  /** Paints everything anew. */
  repaint() {
    const { width, height } = this.canvas;
    Object.assign(this.finished, { width, height }); // which also clears it
    this.paintStrokes(this.finished.getContext("2d"), this.strokes);
    this.paint();
  }

  /** Paints the stroke that is being drawn over the whole ones. */
  paint() {
    const pen = this.canvas.getContext("2d");
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.drawImage(this.finished, 0, 0);
    this.paintStrokes(pen, this.drawing ? [this.drawing] : []);
    this.painted?.(pen);
  }

  paintStrokes(pen, strokes) {
    const scale = this.scale * devicePixelRatio;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    this.drawStrokes(pen, strokes, getComputedStyle(this.canvas).color);
  }

  drawStrokes(pen, strokes, colour) {
    Object.assign(pen, { lineWidth: this.penWidth, lineCap: "round", lineJoin: "round", strokeStyle: colour });
    for (const stroke of strokes) {
      pen.stroke(pathOf(stroke));
    }
  }

  /** The whole strokes as a PNG, black on white whatever the page's colours are. Null if there is none. */
  async picture() {
    if (!this.strokes.length) {
      return null;
    }
    const sheet = document.createElement("canvas");
    Object.assign(sheet, { width: Math.round(this.size.width), height: Math.round(this.size.height) });
    const pen = sheet.getContext("2d");
    pen.fillStyle = PAPER;
    pen.fillRect(0, 0, sheet.width, sheet.height);
    this.drawStrokes(pen, this.strokes, INK);
    return new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
  }
}

/** A smooth line through the points of a stroke. */
function pathOf(stroke) {
  const path = new Path2D();
  path.moveTo(stroke[0].x, stroke[0].y);
  for (let number = 1; number < stroke.length - 1; number += 1) {
    const [here, next] = [stroke[number], stroke[number + 1]];
    path.quadraticCurveTo(here.x, here.y, (here.x + next.x) / 2, (here.y + next.y) / 2);
  }
  const last = stroke[stroke.length - 1];
  path.lineTo(last.x, last.y);
  return path;
}
