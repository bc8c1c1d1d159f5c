// Boxes and digits over what is read.

const SVG = "http://www.w3.org/2000/svg";
const LETTERS = { share: 0.34, smallest: 13, largest: 30 }; // height: a share of the box, between two sizes in px
const SAME = 0.5; // of the larger of two boxes, which both must share to be of the same digit
const NO_DIGIT = "–"; // over what the person says is not a digit
const GAP = 4; // px between a box and its digit

/** Draws the boxes of digits on an <svg>, whose units are the pixels of the picture. `labelOf`: as in reading.js. */
export function showBoxes(svg, size, digits, chosen, labelOf) {
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  const scale = Math.min(svg.clientWidth / size.width, svg.clientHeight / size.height) || 1;
  svg.replaceChildren(...digits.map((digit) => boxOf(digit, digit === chosen, labelOf(digit), scale)));
}

function boxOf(digit, isChosen, { label, corrected }, scale) {
  const [left, top, right, bottom] = digit.box;
  const group = document.createElementNS(SVG, "g");
  const state = corrected ? "corrected" : digit.doubted && "doubted";
  group.setAttribute("class", [isChosen && "chosen", state].filter(Boolean).join(" "));
  const rectangle = document.createElementNS(SVG, "rect");
  const sides = { x: left, y: top, width: right - left, height: bottom - top, rx: 4 / scale };
  for (const [name, value] of Object.entries(sides)) {
    rectangle.setAttribute(name, value);
  }
  const height = Math.min(LETTERS.largest, Math.max(LETTERS.smallest, (bottom - top) * LETTERS.share * scale)) / scale;
  const gap = GAP / scale;
  const text = document.createElementNS(SVG, "text");
  text.setAttribute("x", left);
  text.setAttribute("y", top > height + gap ? top - gap : bottom + height);
  text.setAttribute("font-size", height);
  text.textContent = label ?? NO_DIGIT;
  group.append(rectangle, text);
  return group;
}

/** The smallest digit whose box holds a place, or undefined. */
export function digitAt(digits, { x, y }) {
  const holds = ({ box: [left, top, right, bottom] }) => x >= left && x <= right && y >= top && y <= bottom;
  return digits.filter(holds).sort((one, other) => areaOf(one) - areaOf(other))[0];
}

/** The digit that was another before a stroke more: it has the same image, or shares most of its box. */
export function sameDigit(digits, other) {
  const shared = (one) => sharedArea(one.box, other.box) / Math.max(areaOf(one), areaOf(other));
  return other && (digits.find((one) => one.image === other.image) ?? digits.find((one) => shared(one) > SAME));
}

function areaOf({ box: [left, top, right, bottom] }) {
  return (right - left) * (bottom - top);
}

function sharedArea(one, other) {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  return Math.max(0, width) * Math.max(0, height);
}

/** The place of a click on an <svg> in the pixels of its picture. */
export function placeOn(svg, event) {
  const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  return { x: place.x, y: place.y };
}
