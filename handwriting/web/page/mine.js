// The person's own digits: the saved pictures, each with a button that deletes it.

import { element, note } from "/dom.js";
import { addressOf, deleteMine, listMine } from "/server.js";

const EMPTY = "Digits that you correct or confirm are kept here, as pictures in the folder data/mine.";
const USE = "These pictures are in the folder data/mine. Delete those that you do not want to keep.";

export class MyDigits {
  /**
   * @param say gets what a screen reader should say
   * @param deleted gets the name of each deleted picture
   * @param counted gets how many of the pictures show digits
   */
  constructor(say, deleted, counted) {
    Object.assign(this, { say, deleted, counted });
  }

  async load() {
    try {
      this.show(await listMine());
    } catch (error) {
      note("mine-note", error.message, true);
    }
  }

  show({ count, pictures }) {
    element("mine-count").textContent = count ? String(count) : "";
    element("mine").replaceChildren(...pictures.map((picture) => this.itemOf(picture)));
    const more = count > pictures.length ? ` The newest ${pictures.length} are shown.` : "";
    note("mine-note", count ? USE + more : EMPTY);
    this.counted(pictures.filter(({ label }) => label !== null).length);
  }

  itemOf({ name, label }) {
    const words = label ?? "no digit";
    const item = document.createElement("li");
    const image = Object.assign(document.createElement("img"), {
      src: addressOf(name), alt: `Picture labelled ${words}`, width: 56, height: 56, loading: "lazy",
    });
    const caption = Object.assign(document.createElement("span"), { className: "label", textContent: label ?? "–" });
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Delete" });
    button.setAttribute("aria-label", `Delete ${name}, labelled ${words}`);
    button.addEventListener("click", () => this.remove(name, item));
    item.append(image, caption, button);
    return item;
  }

  async remove(name, item) {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    const nextNumber = next ? [...element("mine").children].indexOf(next) : -1;
    const place = next && next === item.nextElementSibling ? nextNumber - 1 : nextNumber;
    try {
      this.show(await deleteMine(name));
      this.deleted(name);
      this.say(`Deleted ${name}`);
      element("mine").children[place]?.querySelector("button").focus();
    } catch (error) {
      note("mine-note", error.message, true);
      this.say(error.message);
    }
  }
}
