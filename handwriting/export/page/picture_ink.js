// The ink on a picture of one digit: dark on light or light on dark, under even light or in a shadow.

const FAINTEST = 0.02; // of the way from black to white; what differs less from the paper is no ink
const ROUNDS = 3; // of telling paper and ink apart
const REACH = 4; // a quarter of the picture to each side tells the colour of the paper at a place
const SPECK = 0.04; // of the largest piece of ink; smaller pieces are dirt
const FULL = 0.9; // of all inked pixels are paler than full ink

/** The ink on a picture: a grid of numbers from 0 to 1. */
function inkOfPicture({ width, height, data }) {
  const grey = gridOf(width, height, (x, y) => greyOf(data, 4 * (y * width + x)));
  let paper = { ...grey, values: new Float32Array(width * height).fill(medianOfEdge(grey)) };
  let strength, threshold;
  for (let round = 0; round < ROUNDS; round += 1) {
    strength = { ...grey, values: grey.values.map((value, number) => Math.abs(value - paper.values[number])) };
    threshold = Math.max(FAINTEST, parting(strength.values));
    paper = paperAround(grey, strength, threshold, paper);
  }
  return cleaned(strength, threshold);
}

/** How light a pixel is, on white paper where it is transparent. */
function greyOf(data, start) {
  const light = (0.299 * data[start] + 0.587 * data[start + 1] + 0.114 * data[start + 2]) / 255;
  const cover = data[start + 3] / 255;
  return light * cover + 1 - cover;
}

function medianOfEdge({ width, height, values }) {
  const edge = Array.from(values.filter((_, number) => {
    const [x, y] = [number % width, Math.floor(number / width)];
    return x === 0 || y === 0 || x === width - 1 || y === height - 1;
  })).sort((a, b) => a - b);
  return edge[Math.floor(edge.length / 2)];
}

/** The paper at each place: the mean of what is no ink in a wide window. */
function paperAround(grey, strength, threshold, before) {
  const isPaper = { ...grey, values: strength.values.map((value) => Number(value < threshold)) };
  const light = { ...grey, values: grey.values.map((value, number) => value * isPaper.values[number]) };
  const reach = Math.ceil(Math.max(grey.width, grey.height) / REACH);
  const [count, sum] = [meansInWindows(isPaper, reach), meansInWindows(light, reach)];
  const paperOf = (value, number) => (count.values[number] > 0.1 ? value / count.values[number] : before.values[number]);
  return { ...grey, values: sum.values.map(paperOf) };
}

/** The threshold that parts the values into two groups whose means are farthest apart (Otsu's). */
function parting(values) {
  const bins = new Float64Array(256);
  values.forEach((value) => { bins[Math.min(255, Math.floor(value * 256))] += 1; });
  const all = bins.reduce((sum, count, bin) => sum + count * bin, 0);
  let [below, weight, best, threshold] = [0, 0, -1, 0];
  bins.forEach((count, bin) => {
    weight += count;
    below += count * bin;
    const rest = values.length - weight;
    if (!weight || !rest) { return; }
    const apart = weight * rest * (below / weight - (all - below) / rest) ** 2;
    if (apart > best) { [best, threshold] = [apart, (bin + 1) / 256]; }
  });
  return threshold;
}

/** The ink without dirt: numbers from 0 to 1. A pale edge of a stroke stays. */
function cleaned(strength, threshold) {
  const { pieces, sizes } = piecesOf(strength, threshold / 2, threshold);
  const least = SPECK * sizes.reduce((a, b) => Math.max(a, b), 0);
  const inked = Array.from(strength.values).filter((value) => value > threshold).sort((a, b) => a - b);
  const full = inked[Math.floor(inked.length * FULL)] || 1;
  const values = strength.values.map((value, number) => (
    pieces[number] && sizes[pieces[number]] > least ? Math.min(1, value / full) : 0
  ));
  return { ...strength, values };
}

/** The connected pieces of what is above the lower value: their numbers from 1, and how many pixels are above the higher. */
function piecesOf({ width, height, values }, lower, higher) {
  const pieces = new Int32Array(width * height);
  const sizes = [0];
  for (let start = 0; start < values.length; start += 1) {
    if (pieces[start] || values[start] <= lower) { continue; }
    sizes.push(0);
    const left = [start];
    pieces[start] = sizes.length - 1;
    while (left.length) {
      const number = left.pop();
      sizes[sizes.length - 1] += Number(values[number] > higher);
      const x = number % width;
      for (const step of [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1]) {
        const next = number + step;
        const besides = Math.abs((next % width) - x) <= 1;
        if (besides && next >= 0 && next < values.length && !pieces[next] && values[next] > lower) {
          pieces[next] = sizes.length - 1;
          left.push(next);
        }
      }
    }
  }
  return { pieces, sizes };
}
