// The page: puts its parts together.

import { digitAt, placeOn, sameDigit, showBoxes } from "/boxes.js";
import { CameraStage } from "/camera.js";
import { element, letterOf, note } from "/dom.js";
import { Sheet } from "/ink.js";
import { Inspector } from "/inspector.js";
import { KeyboardPen } from "/keyboard.js";
import { Learning } from "/learning.js";
import { MyDigits } from "/mine.js";
import { PictureStage } from "/picture.js";
import { ReadingPanel } from "/reading.js";
import { askStatus, deleteMine, LatestReader, readPicture, saveMine } from "/server.js";
import { Tabs } from "/tabs.js";
import { nameOfLabel } from "/words.js";

const NOTHING = { draw: "Nothing to read yet", picture: "No picture yet", camera: "The camera is off" };
const KEPT = "drawing"; // the name under which the browser keeps the drawing until its tab is closed
const UNTIL_READY = 300; // ms between two questions whether the networks are loaded
const WHILE_READY = 5000; // ms between two questions whether the server is still there

class Page {
  constructor() {
    this.results = {}; // by tab: {result, size, blob}
    this.asked = {}; // by tab: the picture that was last asked about
    this.corrections = new Map(); // digit image -> {label, name}
    this.chosen = null;
    this.saving = Promise.resolve();
    this.panel = new ReadingPanel((digit) => this.choose(digit));
    this.inspector = new Inspector((digit, label) => this.label(digit, label), () => this.close());
    this.learning = new Learning(() => this.readAgain());
    this.mine = new MyDigits(
      (words) => this.panel.say(words),
      (name) => this.forget(name),
      (digits) => this.learning.count(digits),
    );
    this.sheet = new Sheet(element("ink"), () => this.drawingChanged(), (place) => this.tap(place));
    this.sheet.resized = () => this.showBoxes("draw");
    this.reader = new LatestReader(
      () => this.sheet.picture(),
      (result) => this.drawingRead(result),
      (words) => this.fail("draw", words),
    );
    this.keyboard = new KeyboardPen(this.sheet, (words) => this.panel.say(words));
    this.pictures = new PictureStage(
      (blob, size) => this.readShown("picture", blob, size),
      (words) => this.failPicture(words),
    );
    this.camera = new CameraStage(
      (blob, size) => this.readShown("camera", blob, size),
      (frame) => this.pictures.take(frame),
      () => this.cameraStopped(),
    );
    this.tabs = new Tabs((tab) => this.tabChanged(tab));
    this.listen();
    this.tabChanged("draw");
    this.takeUpDrawing();
    this.mine.load();
    this.waitForNetworks();
  }

  listen() {
    element("undo").addEventListener("click", () => this.sheet.undo());
    element("clear").addEventListener("click", () => this.sheet.clear());
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && letterOf(event) === "z" && this.tabs.now === "draw") {
        this.sheet.undo();
        event.preventDefault();
      }
    });
    for (const tab of ["picture", "camera"]) {
      const svg = element(`${tab}-boxes`);
      svg.addEventListener("click", (event) => this.tap(placeOn(svg, event)));
      new ResizeObserver(() => this.showBoxes(tab)).observe(svg);
    }
  }

  async waitForNetworks() {
    const state = element("server-state");
    try {
      const { ready, largest } = await askStatus();
      this.pictures.largest = largest;
      if (!this.isReady) {
        this.learning.follow();
      }
      this.isReady = ready;
      state.dataset.state = ready ? "ready" : "loading";
      state.textContent = ready ? "Ready" : "Loading";
    } catch (error) {
      this.isReady = false;
      state.dataset.state = "lost";
      state.textContent = error.message;
    }
    setTimeout(() => this.waitForNetworks(), this.isReady ? WHILE_READY : UNTIL_READY);
  }

  tabChanged(tab) {
    if (tab !== "camera") {
      this.camera.stop();
    }
    this.chosen = null;
    this.show();
  }

  /** Without the camera, nothing is left of what it saw last. */
  cameraStopped() {
    delete this.results.camera;
    if (this.tabs?.now === "camera") {
      this.chosen = null;
      this.show();
    }
  }

  /** Takes up the drawing from before a reload. */
  takeUpDrawing() {
    try {
      const kept = sessionStorage.getItem(KEPT);
      if (kept) {
        this.sheet.restore(JSON.parse(kept));
      }
    } catch {
      // a browser that blocks site data keeps nothing for this page
    }
  }

  /** Keeps the drawing for a reload. One that is too large to be kept is not. */
  keepDrawing() {
    const { size, strokes } = this.sheet;
    try {
      sessionStorage.removeItem(KEPT);
      sessionStorage.setItem(KEPT, JSON.stringify({ size, strokes }));
    } catch {
      // too large, or the browser keeps nothing
    }
  }

  drawingChanged() {
    element("undo").disabled = !this.sheet.past.length;
    element("clear").disabled = !this.sheet.strokes.length;
    element("draw-empty").hidden = !this.sheet.isEmpty;
    if (this.sheet.isEmpty) {
      delete this.results.draw;
      this.chosen = null;
      this.show();
    } else if (!this.isReady) {
      this.panel.showNothing("The networks are still loading. They will read this in a moment.");
    }
    this.keepDrawing();
    this.reader.read();
  }

  /** Reads what is shown once more, because other networks read now. The camera reads on by itself. */
  async readAgain() {
    this.reader.read();
    const { blob, size } = this.results.picture ?? {};
    if (blob) {
      await this.ask("picture", blob, size);
    }
  }

  drawingRead(result) {
    if (!this.sheet.isEmpty) {
      this.take("draw", result, this.sheet.size);
    }
  }

  async readShown(tab, blob, size) {
    if (tab === "picture") {
      this.tabs.select("picture");
      delete this.results.picture;
      this.show();
      this.panel.showNothing("Reading the picture");
    }
    await this.ask(tab, blob, size);
  }

  /** Has a picture read. The answer counts only if no other was asked about meanwhile. */
  async ask(tab, blob, size) {
    this.asked[tab] = blob;
    try {
      const result = await readPicture(blob);
      if (this.asked[tab] !== blob || (tab === "camera" && !this.camera.stream)) {
        return;
      }
      if (result.status.startsWith("unreadable")) {
        element("picture-empty").textContent = "This file can't be read as a picture. Choose another.";
      }
      this.take(tab, result, size, blob);
    } catch (error) {
      if (this.asked[tab] === blob) {
        this.camera.stop();
        this.fail(tab, error.message);
      }
    }
  }

  take(tab, result, size, blob) {
    this.results[tab] = { result, size, blob };
    if (this.tabs.now === tab) {
      this.chosen = sameDigit(result.digits, this.chosen) ?? null;
      this.show();
    }
  }

  failPicture(words) {
    this.tabs.select("picture");
    this.fail("picture", words);
  }

  fail(tab, words) {
    delete this.results[tab];
    if (this.tabs.now === tab) {
      this.chosen = null;
      this.show();
      this.panel.showNothing(words, true);
    }
  }

  get now() {
    return this.results[this.tabs.now];
  }

  labelOf(digit) {
    const correction = this.corrections.get(digit.image);
    return { label: correction ? correction.label : digit.digit, corrected: Boolean(correction) };
  }

  show() {
    element("certainty").classList.remove("error");
    if (this.now) {
      this.panel.show(this.now.result, this.chosen, (digit) => this.labelOf(digit));
    } else {
      this.panel.showNothing(NOTHING[this.tabs.now]);
    }
    this.inspector.show(this.chosen, this.chosen && this.corrections.get(this.chosen.image));
    this.showBoxes(this.tabs.now);
  }

  showBoxes(tab) {
    const { result, size } = this.results[tab] ?? {};
    const digits = size ? result.digits : [];
    showBoxes(element(`${tab}-boxes`), size ?? this.sheet.size, digits, this.chosen, (digit) => this.labelOf(digit));
  }

  /** Chooses the digit at a place, if there is one. */
  tap(place) {
    const digit = digitAt(this.now?.result.digits ?? [], place);
    if (digit) {
      this.choose(digit);
    }
    return Boolean(digit);
  }

  choose(digit) {
    this.chosen = digit;
    this.show();
    this.panel.focusOn(digit);
  }

  close() {
    const digit = this.chosen;
    this.chosen = null;
    this.show();
    this.panel.focusOn(digit);
  }

  /** Saves what a person says that a digit is, one answer after the other. */
  label(digit, label) {
    this.saving = this.saving.then(() => this.save(digit, label));
  }

  async save(digit, label) {
    const earlier = this.corrections.get(digit.image);
    if (earlier?.label === label) {
      return;
    }
    try {
      const saved = await saveMine(digit.image, label);
      this.corrections.set(digit.image, { label, name: saved.name });
      this.mine.show(earlier ? await deleteMine(earlier.name).catch(() => saved) : saved);
      this.show();
      note("saved-note", `Saved as ${nameOfLabel(label)}, in data/mine/${saved.name}`);
    } catch (error) {
      note("saved-note", error.message, true);
    }
  }

  /** A saved picture was deleted: its digit is as it was read. */
  forget(name) {
    for (const [image, correction] of this.corrections) {
      if (correction.name === name) {
        this.corrections.delete(image);
      }
    }
    this.show();
  }
}

new Page();
