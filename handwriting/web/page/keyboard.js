// Drawing with the keyboard: the arrow keys move the pen, Space puts it down and lifts it.

const STEP = 1 / 45; // of the sheet's shorter side
const LONG_STEP = 3; // times a step
const CROSS = 10; // px, half the side of the mark that shows the pen
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class KeyboardPen {
  /**
   * @param sheet the sheet that it draws on
   * @param say gets what a screen reader should say
   */
  constructor(sheet, say) {
    Object.assign(this, { sheet, say, held: new Set(), at: null });
    const { canvas } = sheet;
    canvas.addEventListener("keydown", (event) => this.press(event));
    canvas.addEventListener("keyup", (event) => this.held.delete(event.key));
    canvas.addEventListener("pointerdown", () => this.leave(), true);
    canvas.addEventListener("blur", () => this.leave());
    sheet.painted = (pen) => this.paint(pen);
  }

  press(event) {
    const keys = { " ": () => this.toggle(), Backspace: () => this.sheet.undo(), Delete: () => this.sheet.clear() };
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (DIRECTIONS[event.key]) {
      this.held.add(event.key);
      this.move(event.shiftKey ? LONG_STEP : 1);
    } else if (keys[event.key]) {
      if (!event.repeat) {
        keys[event.key]();
      }
    } else {
      return;
    }
    event.preventDefault();
  }

  get place() {
    const { width, height } = this.sheet.size;
    return (this.at ??= { x: width / 3, y: height / 3 });
  }

  move(steps) {
    const { width, height } = this.sheet.size;
    const length = Math.min(width, height) * STEP * steps;
    let { x, y } = this.place;
    for (const key of this.held) {
      x += DIRECTIONS[key][0] * length;
      y += DIRECTIONS[key][1] * length;
    }
    this.at = { x: Math.min(width, Math.max(0, x)), y: Math.min(height, Math.max(0, y)) };
    this.sheet.drawing?.push(this.at);
    this.sheet.paint();
  }

  toggle() {
    if (this.sheet.drawing) {
      this.sheet.end();
      this.say("Pen up");
    } else {
      this.sheet.begin(this.place);
      this.say("Pen down");
    }
  }

  leave() {
    if (this.sheet.drawing && !this.sheet.pointer) {
      this.sheet.end();
    }
    this.held.clear();
    this.hide();
  }

  hide() {
    this.at = null;
    this.sheet.paint();
  }

  paint(pen) {
    if (!this.at) {
      return;
    }
    pen.lineWidth = 2;
    pen.strokeStyle = getComputedStyle(this.sheet.canvas).accentColor;
    pen.beginPath();
    for (const [across, down] of [[CROSS, 0], [0, CROSS]]) {
      pen.moveTo(this.at.x - across, this.at.y - down);
      pen.lineTo(this.at.x + across, this.at.y + down);
    }
    pen.stroke();
  }
}
