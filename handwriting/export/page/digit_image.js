// The digit image: 28 × 28 numbers from 0 to 1 with bright ink on 0. The longer side of the ink is 20 pixels, its centre
// of mass lies in pixel 14. A grid is { width, height, values }, row by row.

const SIDE = 28;
const BOX_SIDE = 20;
const CENTRE = 14;
const THINNEST = 1.35; // px of the box of 20 px; thinner strokes are thickened
const USUAL = 2.45; // px; the thickness that they get
const WINDOW = 3; // px to each side, in which the darkest ink is looked for
const PALEST = 0.5; // of the darkest ink; paler ink becomes twice as dark, not fully dark

/** The digit image of ink on a sheet: a grid of numbers from 0 to 1. Null if there is no ink. */
function digitImageOf(sheet) {
  const ink = croppedToInk(sheet);
  return ink && centred(evened(fitted(thickened(ink))));
}

function croppedToInk({ width, height, values }) {
  let [left, top, right, bottom] = [width, height, -1, -1];
  values.forEach((value, number) => {
    if (value > 0) {
      const [x, y] = [number % width, Math.floor(number / width)];
      [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
    }
  });
  return right < 0 ? null : part({ width, height, values }, left, top, right - left + 1, bottom - top + 1);
}

/** A part of a grid. Beyond the grid there is no ink. */
function part(grid, left, top, width, height) {
  return gridOf(width, height, (x, y) => valueAt(grid, x + left, y + top));
}

/** The ink with hairlines as thick as usual strokes, which would vanish when they are made smaller. */
function thickened(ink) {
  const longer = Math.max(ink.width, ink.height);
  const thickness = thicknessOf(ink) * BOX_SIDE / longer;
  const growth = Math.round((USUAL - thickness) * longer / BOX_SIDE / 2);
  if (thickness >= THINNEST || growth < 1) { return ink; }
  const wide = part(ink, -growth, -growth, ink.width + 2 * growth, ink.height + 2 * growth);
  return largestInWindows(wide, growth);
}

/** The mean thickness of the strokes: twice their area over the length of their outline. */
function thicknessOf(ink) {
  let [area, outline] = [0, 0];
  const inked = (x, y) => Number(valueAt(ink, x, y) > 0.5);
  for (let y = 0; y <= ink.height; y += 1) {
    for (let x = 0; x <= ink.width; x += 1) {
      area += inked(x, y);
      outline += Math.abs(inked(x, y) - inked(x - 1, y)) + Math.abs(inked(x, y) - inked(x, y - 1));
    }
  }
  // Along the edges of pixels, an outline is about 4/π times as long as it is.
  return outline ? 2 * area / (outline * Math.PI / 4) : 0;
}

/** The ink in the box of 20 px, by area averages. */
function fitted(ink) {
  const scale = BOX_SIDE / Math.max(ink.width, ink.height);
  const [width, height] = [ink.width, ink.height].map((side) => Math.ceil(Number((side * scale).toFixed(3))));
  // A side of 13.4 px becomes 14 px with a little paper, so that the digit keeps its form.
  const columns = sharesOf(width, 1 / scale, (ink.width - width / scale) / 2, ink.width);
  const rows = sharesOf(height, 1 / scale, (ink.height - height / scale) / 2, ink.height);
  return gridOf(width, height, (x, y) => {
    let sum = 0;
    for (const [row, ofRow] of rows[y]) {
      for (const [column, ofColumn] of columns[x]) {
        sum += ofRow * ofColumn * ink.values[row * ink.width + column];
      }
    }
    return Math.min(1, sum);
  });
}

/** Which old pixels each new pixel covers, and the share of each: pairs of a number and a share. */
function sharesOf(count, step, start, length) {
  return Array.from({ length: count }, (_, number) => {
    const [from, to] = [start + number * step, start + (number + 1) * step];
    const shares = [];
    for (let old = Math.max(0, Math.floor(from)); old < Math.min(length, to); old += 1) {
      shares.push([old, (Math.min(to, old + 1) - Math.max(from, old)) / step]);
    }
    return shares;
  });
}

/** The ink with its pale parts as dark as the rest. */
function evened(ink) {
  const most = ink.values.reduce((a, b) => Math.max(a, b), 1e-6);
  const full = { ...ink, values: ink.values.map((value) => value / most) };
  const darkest = largestInWindows(full, WINDOW);
  const even = meansInWindows(darkest, WINDOW);
  return { ...ink, values: full.values.map((value, number) => Math.min(1, value / Math.max(even.values[number], PALEST))) };
}

/** The ink on 28 × 28 pixels, moved by whole pixels so that its centre of mass is in pixel 14. */
function centred(ink) {
  let [sum, across, down] = [0, 0, 0];
  ink.values.forEach((value, number) => {
    sum += value;
    across += value * (number % ink.width);
    down += value * Math.floor(number / ink.width);
  });
  const left = startOf(across / sum, ink.width);
  const top = startOf(down / sum, ink.height);
  return part(ink, -left, -top, SIDE, SIDE).values;
}

/** The pixel at which the ink begins, so that its centre lies where it should, and all of it on the image. */
function startOf(centre, length) {
  return Math.min(Math.max(Math.floor(CENTRE - centre + 0.5), 0), SIDE - length);
}

/** For each pixel, the largest value in a square window around it. */
function largestInWindows(grid, reach) {
  const across = gridOf(grid.width, grid.height, (x, y) => {
    let value = valueAt(grid, x, y);
    for (let step = 1; step <= reach; step += 1) {
      value = Math.max(value, valueAt(grid, x - step, y), valueAt(grid, x + step, y));
    }
    return value;
  });
  return gridOf(grid.width, grid.height, (x, y) => {
    let value = valueAt(across, x, y);
    for (let step = 1; step <= reach; step += 1) {
      value = Math.max(value, valueAt(across, x, y - step), valueAt(across, x, y + step));
    }
    return value;
  });
}

/** For each pixel, the mean in a square window around it. At the edge, the window is smaller. */
function meansInWindows(grid, reach) {
  const sums = summed(grid);
  return gridOf(grid.width, grid.height, (x, y) => {
    const [left, right] = [Math.max(0, x - reach), Math.min(grid.width, x + reach + 1)];
    const [top, bottom] = [Math.max(0, y - reach), Math.min(grid.height, y + reach + 1)];
    return sums(left, top, right, bottom) / ((right - left) * (bottom - top));
  });
}

/** A function that gives the sum of a grid's values in a box. */
function summed({ width, height, values }) {
  const table = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0, row = 0; x < width; x += 1) {
      row += values[y * width + x];
      table[(y + 1) * (width + 1) + x + 1] = table[y * (width + 1) + x + 1] + row;
    }
  }
  const at = (x, y) => table[y * (width + 1) + x];
  return (left, top, right, bottom) => at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top);
}

function gridOf(width, height, valueOf) {
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) { values[y * width + x] = valueOf(x, y); }
  }
  return { width, height, values };
}

function valueAt({ width, height, values }, x, y) {
  return x >= 0 && x < width && y >= 0 && y < height ? values[y * width + x] : 0;
}
