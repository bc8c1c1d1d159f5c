// The camera, live: one frame after another is read.

import { element, note } from "/dom.js";

const LONGEST = 960; // px, of a frame that is read
const QUALITY = 0.85; // of a JPEG
const PAUSE = 60; // ms between two readings, which leaves the browser time to draw
const REASONS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it beside the address, then start again.",
  NotFoundError: "No camera was found. Connect one, then start again.",
  NotReadableError: "The camera is in use by another program. End that one, then start again.",
};
const INSECURE =
  "The camera works only when this page runs on the same device, at localhost. On a phone, choose a picture instead: " +
  "it offers its camera there.";

export class CameraStage {
  /**
   * @param read reads a picture and shows its boxes; it gets a blob and its size
   * @param keep gets a frame that is to be kept
   * @param stopped is called when the camera was stopped
   */
  constructor(read, keep, stopped) {
    Object.assign(this, { read, keep, stopped, stream: null, attempt: null });
    element("camera-switch").addEventListener("click", () => (this.stream ? this.stop() : this.start()));
    element("camera-keep").addEventListener("click", async () => {
      const { blob } = await this.frame();
      this.stop();
      keep(new File([blob], "From the camera", { type: "image/jpeg" }));
    });
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) {
      note("camera-note", INSECURE, true);
      return;
    }
    note("camera-note", "Starting the camera");
    const attempt = (this.attempt = Symbol());
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: "environment", width: { ideal: 1280 } },
      });
    } catch (error) {
      note("camera-note", REASONS[error.name] ?? `The camera did not start: ${error.message}`, true);
      return;
    }
    if (this.attempt !== attempt) {
      // stopped, or started once more, while the browser asked for permission
      stream.getTracks().forEach((track) => track.stop());
      return;
    }
    this.stream = stream;
    const video = element("camera");
    video.srcObject = this.stream;
    await video.play();
    note("camera-note", "");
    this.show(true);
    this.follow(this.stream);
  }

  stop() {
    this.attempt = null;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    element("camera").srcObject = null;
    note("camera-note", "");
    this.show(false);
    this.stopped();
  }

  show(isOn) {
    element("camera-switch").textContent = isOn ? "Stop the camera" : "Start the camera";
    element("camera-keep").disabled = !isOn;
    element("camera-empty").hidden = isOn;
    element("camera-boxes").replaceChildren();
  }

  async follow(stream) {
    while (this.stream === stream) {
      const { blob, size } = await this.frame();
      if (blob) {
        await this.read(blob, size);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** What the camera sees now, as a JPEG. */
  async frame() {
    const video = element("camera");
    const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    const size = { width: Math.round(video.videoWidth * scale), height: Math.round(video.videoHeight * scale) };
    if (!size.width) {
      return { blob: null, size };
    }
    const canvas = Object.assign(document.createElement("canvas"), size);
    canvas.getContext("2d").drawImage(video, 0, 0, size.width, size.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return { blob, size };
  }
}
