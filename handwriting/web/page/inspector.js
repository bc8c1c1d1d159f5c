// One digit: what the networks see, what each says, and what the person says.

import { element, letterOf, note } from "/dom.js";
import { certaintyOfDigit, nameOfLabel, nameOfNetwork, percent } from "/words.js";

const SIDE = 28; // px, of a digit image
const CLASSES = 10;
const NOT_A_DIGIT = "n"; // the key
const RIGHT = "y"; // the key

export class Inspector {
  /**
   * @param label is called with a digit and what the person says it is
   * @param close is called when nothing is to be chosen any more
   */
  constructor(label, close) {
    Object.assign(this, { label, close, digit: null });
    this.makeKeys();
    element("right-answer").addEventListener("click", () => this.label(this.digit, this.digit.digit));
    element("not-a-digit").addEventListener("click", () => this.label(this.digit, null));
    element("close-inspector").addEventListener("click", () => close());
    document.addEventListener("keydown", (event) => this.press(event));
  }

  makeKeys() {
    const heads = [];
    for (let digit = 0; digit < CLASSES; digit += 1) {
      element("label-keys").append(this.keyOf(digit));
      heads.push(Object.assign(document.createElement("th"), { scope: "col", textContent: digit }));
    }
    element("opinion-heads").append(...heads);
  }

  keyOf(label) {
    const key = Object.assign(document.createElement("button"), { type: "button", textContent: label });
    key.addEventListener("click", () => this.label(this.digit, label));
    return key;
  }

  press(event) {
    if (!this.digit || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
      return;
    }
    const letter = letterOf(event);
    if (/^[0-9]$/.test(event.key)) {
      this.label(this.digit, Number(event.key));
    } else if (letter === NOT_A_DIGIT) {
      this.label(this.digit, null);
    } else if (letter === RIGHT) {
      this.label(this.digit, this.digit.digit);
    } else if (event.key === "Escape") {
      this.close();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Shows a digit, or none. */
  show(digit, saved) {
    const isNew = digit?.image !== this.digit?.image;
    const isReadAgain = digit !== this.digit;
    this.digit = digit;
    element("inspector-empty").hidden = Boolean(digit);
    element("inspector-body").hidden = !digit;
    element("close-inspector").hidden = !digit;
    if (!digit) {
      return;
    }
    const words = `Read as ${digit.digit}: ${certaintyOfDigit(digit)}, ${percent(digit.confidence)}`;
    element("digit-words").textContent = words;
    this.mark(saved);
    if (isNew) {
      note("saved-note", "");
      paintDigit(digit);
    }
    if (isReadAgain) {
      showOpinions(digit);
    }
  }

  /** Marks the key of what was saved. */
  mark(saved) {
    const isSaved = (label) => Boolean(saved) && saved.label === label;
    [...element("label-keys").children].forEach((key, label) => key.setAttribute("aria-pressed", isSaved(label)));
    element("not-a-digit").setAttribute("aria-pressed", isSaved(null));
  }

}

/** Shows what each network says of a digit. */
function showOpinions({ probabilities, finder, networks }) {
  const opinions = { ensemble: probabilities, ...(finder && { finder }), ...networks };
  element("opinions").replaceChildren(...Object.entries(opinions).map(([name, shares]) => rowOf(name, shares)));
}

function paintDigit(digit) {
  const canvas = element("digit-image");
  canvas.setAttribute("aria-label", `Image of the digit that was read as ${nameOfLabel(digit.digit)}`);
  const pixels = atob(digit.image);
  const picture = new ImageData(SIDE, SIDE);
  for (let number = 0; number < pixels.length; number += 1) {
    const level = pixels.charCodeAt(number);
    picture.data.set([level, level, level, 255], 4 * number);
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

/** A network's row: a bar for each of the ten digits. */
function rowOf(name, shares) {
  const row = document.createElement("tr");
  const head = Object.assign(document.createElement("th"), { scope: "row", textContent: nameOfNetwork(name) });
  const best = Math.max(...shares);
  row.append(head, ...shares.map((share) => cellOf(share, share === best)));
  return row;
}

function cellOf(share, isBest) {
  const cell = document.createElement("td");
  cell.title = percent(share);
  const bar = document.createElement("span");
  bar.className = isBest ? "column best" : "column";
  bar.style.height = `${Math.max(2, 100 * share)}%`;
  const words = Object.assign(document.createElement("span"), { className: "unseen", textContent: percent(share) });
  const frame = Object.assign(document.createElement("div"), { className: "frame" });
  frame.append(bar);
  cell.append(frame, words);
  return cell;
}
