// The page: a sheet to draw on, pictures that are dropped, pasted or chosen, and what the network says.

const READ_SIDE = 280; // px; the sheet is read in this size
const PICTURE_SIDE = 400; // px; a larger picture is made smaller
const PEN = 34; // px of the sheet of 560 px
const CLOSE_ENOUGH = 1e-4; // how far a probability may be from the one that Keras gave

const byId = (id) => document.getElementById(id);
const sheet = byId("sheet");
const pen = sheet.getContext("2d", { willReadFrequently: true });
let drawing = null; // the pointer that draws

function start() {
  makeBars();
  byId("self-check").textContent = selfCheck();
  sheet.addEventListener("pointerdown", draw);
  byId("clear").addEventListener("click", clear);
  byId("file").addEventListener("change", (event) => {
    readPicture(event.target.files[0]);
    event.target.value = ""; // so that the same picture can be chosen again
  });
  document.addEventListener("paste", (event) => readPicture(event.clipboardData.files[0]));
  document.addEventListener("dragover", (event) => { event.preventDefault(); byId("stage").classList.add("over"); });
  document.addEventListener("dragleave", () => { byId("stage").classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    byId("stage").classList.remove("over");
    readPicture(event.dataTransfer.files[0]);
  });
}

/** Whether the network gives here what it gave in Keras, in words. */
function selfCheck() {
  const images = bytesOf(CHECK.images);
  let largest = 0;
  CHECK.probabilities.forEach((expected, number) => {
    const image = Float32Array.from(images.subarray(784 * number, 784 * (number + 1)), (value) => value / 255);
    probabilitiesOf(NETWORK, image).forEach((value, digit) => {
      largest = Math.max(largest, Math.abs(value - expected[digit]));
    });
  });
  const good = largest <= CLOSE_ENOUGH;
  byId("self-check").dataset.state = good ? "ready" : "lost";
  const count = CHECK.probabilities.length;
  return good ? `Checked with ${count} digits` : `The network is wrong here: off by ${largest.toFixed(4)}`;
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Draws a stroke, and reads after it. While one pointer draws, others are ignored. */
function draw(event) {
  if (drawing !== null || event.button > 0) { return; }
  drawing = event.pointerId;
  sheet.setPointerCapture(drawing);
  if (sheet.dataset.picture) { clear(); }
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: getComputedStyle(sheet).color });
  let last = placeOf(event);
  const follow = (next) => {
    if (next.pointerId !== drawing) { return; }
    for (const each of next.getCoalescedEvents?.() ?? [next]) {
      const place = placeOf(each);
      line(last, place);
      last = place;
    }
  };
  line(last, last);
  byId("empty").hidden = true;
  const end = (last) => {
    if (last.pointerId !== drawing) { return; }
    listeners.forEach(([name, listener]) => sheet.removeEventListener(name, listener));
    drawing = null;
    readSheet();
  };
  const listeners = [["pointermove", follow], ["pointerup", end], ["pointercancel", end]];
  listeners.forEach(([name, listener]) => sheet.addEventListener(name, listener));
}

function placeOf(event) {
  const box = sheet.getBoundingClientRect();
  return [(event.clientX - box.left) * sheet.width / box.width, (event.clientY - box.top) * sheet.height / box.height];
}

function line(from, to) {
  pen.beginPath();
  pen.moveTo(...from);
  pen.lineTo(...to);
  pen.stroke();
}

function clear() {
  pen.clearRect(0, 0, sheet.width, sheet.height);
  delete sheet.dataset.picture;
  byId("empty").hidden = false;
  show(null);
}

function readSheet() {
  show(digitImageOf(inkOfSheet()));
}

/** What is drawn: the ink is where the sheet is not transparent. */
function inkOfSheet() {
  const { width, height, data } = pixelsOf(sheet, READ_SIDE);
  return gridOf(width, height, (x, y) => data[4 * (y * width + x) + 3] / 255);
}

/** Shows and reads the picture in a file. */
async function readPicture(file) {
  if (!file) { return; }
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    byId("problem").textContent = `Expected a picture, but this browser can't open ${file.name}. Choose a PNG or JPEG.`;
    return;
  }
  clear();
  const scale = Math.min(sheet.width / picture.width, sheet.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  pen.drawImage(picture, (sheet.width - width) / 2, (sheet.height - height) / 2, width, height);
  sheet.dataset.picture = file.name;
  byId("empty").hidden = true;
  show(digitImageOf(inkOfPicture(pixelsOf(picture, PICTURE_SIDE))));
}

/** The pixels of a picture, made smaller if its longer side is longer than this. */
function pixelsOf(picture, side) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.width, picture.height].map((length) => Math.max(1, Math.round(length * scale)));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Shows a digit image and what the network says of it. Null: there is no ink. */
function show(image) {
  byId("problem").textContent = "";
  byId("clear").disabled = !image && !sheet.dataset.picture;
  const context = byId("seen").getContext("2d");
  context.clearRect(0, 0, SIDE, SIDE);
  if (!image) {
    byId("reading").innerHTML = '<span class="unseen">Nothing to read yet</span>';
    if (sheet.dataset.picture) { byId("problem").textContent = "No ink was found on this picture."; }
    showBars(new Float32Array(10));
    return;
  }
  const pixels = context.createImageData(SIDE, SIDE);
  image.forEach((value, number) => pixels.data.set([255 * value, 255 * value, 255 * value, 255], 4 * number));
  context.putImageData(pixels, 0, 0);
  const probabilities = probabilitiesOf(NETWORK, image);
  byId("reading").textContent = String(likeliest(probabilities));
  showBars(probabilities);
}

function likeliest(probabilities) {
  return probabilities.indexOf(Math.max(...probabilities));
}

function makeBars() {
  for (let digit = 0; digit < 10; digit += 1) {
    const row = byId("bars").tBodies[0].insertRow();
    row.innerHTML = `<th scope="row">${digit}</th><td><span class="bar"><span></span></span></td><td></td>`;
  }
  showBars(new Float32Array(10));
}

function showBars(probabilities) {
  const best = likeliest(probabilities);
  probabilities.forEach((value, digit) => {
    const row = byId("bars").tBodies[0].rows[digit];
    row.className = digit === best && value > 0 ? "best" : "";
    row.querySelector(".bar > span").style.width = `${100 * value}%`;
    row.cells[2].textContent = `${(100 * value).toFixed(value > 0.999 || value < 0.001 ? 0 : 1)} %`;
  });
}
