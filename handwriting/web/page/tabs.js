// The tabs: Draw, Picture and Camera.

import { element } from "/dom.js";

const NAMES = ["draw", "picture", "camera"];
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export class Tabs {
  /** @param changed is called with the name of each tab that is opened */
  constructor(changed) {
    Object.assign(this, { changed, now: NAMES[0] });
    for (const name of NAMES) {
      element(`${name}-tab`).addEventListener("click", () => this.select(name));
      element(`${name}-tab`).addEventListener("keydown", (event) => this.press(event));
    }
  }

  press(event) {
    if (STEPS[event.key]) {
      const number = (NAMES.indexOf(this.now) + STEPS[event.key] + NAMES.length) % NAMES.length;
      this.select(NAMES[number]);
      element(`${this.now}-tab`).focus();
      event.preventDefault();
    }
  }

  select(chosen) {
    if (chosen === this.now) {
      return;
    }
    this.now = chosen;
    for (const name of NAMES) {
      element(`${name}-tab`).setAttribute("aria-selected", name === chosen);
      element(`${name}-tab`).tabIndex = name === chosen ? 0 : -1;
      element(`${name}-panel`).hidden = name !== chosen;
    }
    this.changed(chosen);
  }
}
