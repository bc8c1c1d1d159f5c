// The reading in large type: each digit is a button that chooses it.

import { sameDigit } from "/boxes.js";
import { element } from "/dom.js";
import { certaintyOfDigit, certaintyOfReading, nameOfLabel, percent } from "/words.js";

export class ReadingPanel {
  /** @param choose is called with the digit that a click chooses */
  constructor(choose) {
    this.choose = choose;
    this.buttons = new Map();
  }

  /** Shows a result. `labelOf` gives what a digit is after corrections, as {label, corrected}. */
  show(result, chosen, labelOf) {
    const focused = [...this.buttons].find(([, button]) => button === document.activeElement)?.[0];
    this.buttons.clear();
    element("reading").replaceChildren(...linesOf(result).map((line) => this.lineOf(line, chosen, labelOf)));
    if (focused) {
      this.buttons.get(sameDigit([...this.buttons.keys()], focused))?.focus({ preventScroll: true });
    }
    this.showCertainty(certaintyOfReading(result), result.confidence ?? 0, result.status);
    this.say(result.reading ? `Read ${result.reading}. ${certaintyOfReading(result)}` : certaintyOfReading(result));
  }

  showCertainty(words, share, status = "ok") {
    element("certainty").textContent = words;
    element("certainty-bar").style.width = `${100 * share}%`;
    element("certainty-bar").dataset.status = status;
  }

  /** Shows that there is nothing, and why. */
  showNothing(words, isError = false) {
    this.buttons.clear();
    element("reading").replaceChildren();
    this.showCertainty(words, 0);
    element("certainty").classList.toggle("error", isError);
    if (isError) {
      this.say(words);
    }
  }

  /** Has a screen reader say something. */
  say(words) {
    element("spoken").textContent = words;
  }

  focusOn(digit) {
    this.buttons.get(digit)?.focus({ preventScroll: true });
  }

  lineOf(numbers, chosen, labelOf) {
    const line = document.createElement("div");
    line.className = "line";
    for (const digits of numbers) {
      const number = document.createElement("span");
      number.className = "number";
      number.append(...digits.map((digit) => this.buttonOf(digit, digit === chosen, labelOf(digit))));
      line.append(number);
    }
    return line;
  }

  buttonOf(digit, isChosen, { label, corrected }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = ["digit", digit.doubted && "doubted", corrected && "corrected"].filter(Boolean).join(" ");
    button.setAttribute("aria-pressed", isChosen);
    const how = corrected ? "by you" : `${certaintyOfDigit(digit)}, ${percent(digit.confidence)}`;
    button.setAttribute("aria-label", `${nameOfLabel(label)}, ${how}`);
    button.title = how;
    const bar = document.createElement("span");
    bar.className = "bar";
    const share = document.createElement("span");
    share.style.width = `${100 * (corrected ? 1 : digit.confidence)}%`;
    bar.append(share);
    button.append(label === null ? "–" : String(label), bar);
    button.addEventListener("click", () => this.choose(digit));
    this.buttons.set(digit, button);
    return button;
  }
}

/** The digits of a result, by lines and numbers: what stands between them in the reading parts them. */
function linesOf(result) {
  const left = [...result.digits];
  const lines = result.reading.split(" / ").map((line) =>
    line.split(" ").map((number) => left.splice(0, number.length)).filter((digits) => digits.length),
  );
  return lines.filter((numbers) => numbers.length);
}
