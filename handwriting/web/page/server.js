// What the page asks its server. Every error is a sentence for people.

const LOST = "The page has lost its server. Start draw.py again, then go on here.";

async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(LOST);
  }
  const content = await response.json().catch(() => ({ error: LOST }));
  if (content.error) {
    throw new Error(content.error);
  }
  return content;
}

function asJson(content) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content) };
}

/** Whether the networks are loaded, and the largest picture in bytes. */
export function askStatus() {
  return ask("/api/status");
}

/** What is read on a picture. */
export function readPicture(picture) {
  return ask("/api/read", { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: picture });
}

/** The saved digits. */
export function listMine() {
  return ask("/api/mine");
}

/** Saves a digit image with a label from 0 to 9, or null if it is not a digit. */
export function saveMine(image, label) {
  return ask("/api/mine", asJson({ image, label }));
}

/** The address of a saved picture. */
export function addressOf(name) {
  return `/mine/${encodeURIComponent(name)}`;
}

/** Deletes a saved picture. Returns those that are left. */
export function deleteMine(name) {
  return ask(addressOf(name), { method: "DELETE" });
}

/** How the training of the person's hand stands. */
export function askLearning() {
  return ask("/api/learning");
}

/** Begins to learn the person's hand. */
export function startLearning() {
  return ask("/api/learning", { method: "POST" });
}

/** Takes back what was learned. */
export function takeBackLearned() {
  return ask("/api/learning", { method: "DELETE" });
}

/** Reads pictures one at a time. Of those that wait, only the newest is read. */
export class LatestReader {
  /**
   * @param makePicture makes the picture that is to be read, or null if there is none
   * @param show gets each reading
   * @param fail gets each error
   */
  constructor(makePicture, show, fail) {
    Object.assign(this, { makePicture, show, fail, busy: false, again: false });
  }

  async read() {
    this.again = true;
    if (this.busy) {
      return;
    }
    this.busy = true;
    while (this.again) {
      this.again = false;
      await this.readOnce();
    }
    this.busy = false;
  }

  async readOnce() {
    try {
      const picture = await this.makePicture();
      if (picture) {
        this.show(await readPicture(picture));
      }
    } catch (error) {
      this.fail(error.message);
    }
  }
}
