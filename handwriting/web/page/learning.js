// Learn my hand: begins it, shows how far it is, and takes it back.

import { element, note } from "/dom.js";
import { askLearning, startLearning, takeBackLearned } from "/server.js";
import { percent, wordsOfLearned } from "/words.js";

const PAUSE = 400; // ms between two questions how far the training is
const INVITE = "A network of your own learns the digits below, within a minute. Then it reads with the others.";
const STARTING = "Starting to learn. You can go on writing.";
const STOPPED = "The training was stopped before its end. Go on with it, or leave it.";

export class Learning {
  /** @param changed is called when pictures are read by other networks than before */
  constructor(changed) {
    Object.assign(this, { changed, digits: 0, stand: null, isFollowing: false });
    element("learn").addEventListener("click", () => this.request(startLearning));
    element("take-back").addEventListener("click", () => this.request(takeBackLearned));
  }

  /** Notes how many digits can be learned. */
  count(digits) {
    this.digits = digits;
    this.show();
  }

  async request(question) {
    try {
      this.take(await question());
      this.follow();
    } catch (error) {
      note("learning-note", error.message, true);
    }
  }

  /** Shows how the training stands, until it has ended. */
  async follow() {
    if (this.isFollowing) {
      return;
    }
    this.isFollowing = true;
    try {
      this.take(await askLearning());
      while (this.stand.state === "learning") {
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        this.take(await askLearning());
      }
    } catch (error) {
      note("learning-note", error.message, true);
    }
    this.isFollowing = false;
  }

  take(stand) {
    const before = this.stand?.state ?? stand.state;
    this.stand = stand;
    this.show();
    if (before !== stand.state && stand.state !== "learning") {
      this.changed();
    }
  }

  show() {
    if (!this.stand) {
      return;
    }
    const { state, share, unfinished, fewest } = this.stand;
    const isBusy = state === "learning";
    element("learn").textContent = unfinished ? "Go on learning" : "Learn my hand";
    element("learn").disabled = isBusy || (this.digits < fewest && !unfinished);
    element("take-back").hidden = state !== "learned";
    const progress = element("learning-progress");
    progress.hidden = !isBusy;
    if (share) {
      progress.value = share;
    } else {
      progress.removeAttribute("value"); // which shows that it moves, and not how far
    }
    note("learning-note", this.words(), Boolean(this.stand.complaint) && !isBusy);
  }

  words() {
    const { state, share, complaint, unfinished, fewest, result } = this.stand;
    if (state === "learning") {
      return share ? `Learning your hand: ${percent(share)}. You can go on writing.` : STARTING;
    }
    if (complaint) {
      return complaint;
    }
    if (unfinished) {
      return STOPPED;
    }
    if (state === "learned" && result) {
      return wordsOfLearned(result);
    }
    return this.digits < fewest ? `Correct or confirm ${fewest} digits or more. Then your hand can be learned.` : INVITE;
  }
}
