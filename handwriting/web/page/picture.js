// Pictures that are dropped, pasted or chosen. Large photos are made smaller before they are sent.

import { element } from "/dom.js";

const LONGEST = 2560; // px; the reader looks at half of that, so that nothing is lost
const QUALITY = 0.92; // of a JPEG
const KEEPS_CLEAR = ["image/png", "image/webp", "image/gif"]; // may be transparent, which a JPEG can't be

export class PictureStage {
  /**
   * @param taken is called with a blob and its size when there is a picture to read
   * @param fail gets each error
   */
  constructor(taken, fail) {
    Object.assign(this, { taken, fail, largest: Infinity });
    element("file").addEventListener("change", (event) => {
      this.take(event.target.files[0]);
      event.target.value = ""; // the same file may be chosen again
    });
    document.addEventListener("dragover", (event) => this.hover(event, true));
    document.addEventListener("dragleave", (event) => this.hover(event, false));
    document.addEventListener("drop", (event) => {
      this.hover(event, false);
      this.take(event.dataTransfer.files[0]);
    });
    document.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length) {
        this.take(event.clipboardData.files[0]);
      }
    });
  }

  hover(event, isOver) {
    event.preventDefault();
    element("picture-stage").classList.toggle("over", isOver);
  }

  /** Shows a picture and has it read. */
  async take(file) {
    if (!file) {
      this.fail("There was no picture in that. Choose a picture file.");
      return;
    }
    const bitmap = await createImageBitmap(file).catch(() => null);
    const scale = bitmap ? Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height)) : 1;
    const size = bitmap && { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) };
    const canvas = element("picture");
    if (bitmap) {
      Object.assign(canvas, size);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, size.width, size.height);
      bitmap.close();
    } else {
      Object.assign(canvas, { width: 1, height: 1 });
    }
    canvas.hidden = !bitmap;
    element("picture-empty").hidden = Boolean(bitmap);
    element("picture-empty").textContent = "This browser can't show this kind of picture. It may be read all the same.";
    const type = KEEPS_CLEAR.includes(file.type) ? "image/png" : "image/jpeg";
    const isShrunk = scale < 1;
    const blob = isShrunk ? await new Promise((resolve) => canvas.toBlob(resolve, type, QUALITY)) : file;
    element("picture-note").textContent = (file.name ?? "") + (isShrunk ? ", made smaller before it was read" : "");
    if (blob.size > this.largest) {
      this.fail(`This file is too large. Choose one of at most ${this.largest / 1e6} MB.`);
      return;
    }
    this.taken(blob, size);
  }
}
