// The network: from a digit image to ten probabilities. Values lie row by row, the channels of a place side by side.

const MOST = 2 ** 23 - 1; // the largest whole number of three bytes

/** The layers with their weights. A weight is a whole number of three bytes, a share of the largest of its array. */
function networkOf(description, bytes) {
  let next = 0;
  const weightsOf = ({ count, largest }) => Float32Array.from({ length: count }, () => {
    const whole = (bytes[next] << 8 | bytes[next + 1] << 16 | bytes[next + 2] << 24) >> 8;
    next += 3;
    return whole / MOST * largest;
  });
  return description.map((layer) => ({ ...layer, weights: layer.weights.map(weightsOf) }));
}

/** The ten probabilities of a digit image: 784 numbers from 0 to 1. */
function probabilitiesOf(network, image) {
  let map = { height: 28, width: 28, channels: 1, values: image };
  for (const layer of network) {
    map = STEPS[layer.kind](map, layer);
    if (layer.activation === "relu") { relu(map.values); }
    if (layer.activation === "softmax") { softmax(map.values); }
  }
  return map.values;
}

const STEPS = { convolution, dense, flatten, affine, pooling, means, activation: (map) => map };

function convolution(map, { weights: [kernel, bias], size, stride, before, outputs }) {
  const [height, width] = outputs;
  const filters = bias.length;
  const result = emptyMap(height, width, filters);
  for (let row = 0, place = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1, place += filters) {
      const sums = result.values.subarray(place, place + filters);
      sums.set(bias);
      for (let down = 0; down < size[0]; down += 1) {
        const y = row * stride[0] + down - before[0];
        if (y < 0 || y >= map.height) { continue; }
        for (let right = 0; right < size[1]; right += 1) {
          const x = column * stride[1] + right - before[1];
          if (x < 0 || x >= map.width) { continue; }
          const inputs = (y * map.width + x) * map.channels;
          const rows = (down * size[1] + right) * map.channels * filters;
          for (let channel = 0; channel < map.channels; channel += 1) {
            addTimes(sums, map.values[inputs + channel], kernel, rows + channel * filters);
          }
        }
      }
    }
  }
  return result;
}

function dense(map, { weights: [kernel, bias] }) {
  const sums = Float32Array.from(bias);
  map.values.forEach((value, number) => addTimes(sums, value, kernel, number * bias.length));
  return { height: 1, width: 1, channels: bias.length, values: sums };
}

/** Adds a row of the kernel, times a value. After relu, many values are 0. */
function addTimes(sums, value, kernel, start) {
  if (value === 0) { return; }
  for (let number = 0; number < sums.length; number += 1) {
    sums[number] += value * kernel[start + number];
  }
}

function flatten(map) {
  return { height: 1, width: 1, channels: map.values.length, values: map.values };
}

/** Batch normalisation: each channel times its scale, and moved. */
function affine(map, { weights: [scale, shift] }) {
  const values = map.values.map((value, number) => {
    const channel = number % map.channels;
    return value * scale[channel] + shift[channel];
  });
  return { ...map, values };
}

function pooling(map, { size, stride, outputs }) {
  const result = emptyMap(outputs[0], outputs[1], map.channels);
  result.values.fill(-Infinity);
  const { channels } = map;
  for (let row = 0, place = 0; row < result.height; row += 1) {
    for (let column = 0; column < result.width; column += 1, place += channels) {
      for (let down = 0; down < size[0]; down += 1) {
        for (let right = 0; right < size[1]; right += 1) {
          const from = ((row * stride[0] + down) * map.width + column * stride[1] + right) * channels;
          for (let channel = 0; channel < channels; channel += 1) {
            result.values[place + channel] = Math.max(result.values[place + channel], map.values[from + channel]);
          }
        }
      }
    }
  }
  return result;
}

/** The mean of each channel. */
function means(map) {
  const values = new Float32Array(map.channels);
  map.values.forEach((value, number) => { values[number % map.channels] += value; });
  return { height: 1, width: 1, channels: map.channels, values: values.map((sum) => sum / (map.height * map.width)) };
}

function relu(values) {
  for (let number = 0; number < values.length; number += 1) {
    if (values[number] < 0) { values[number] = 0; }
  }
}

function softmax(values) {
  const most = Math.max(...values);
  let sum = 0;
  for (let number = 0; number < values.length; number += 1) {
    values[number] = Math.exp(values[number] - most);
    sum += values[number];
  }
  for (let number = 0; number < values.length; number += 1) { values[number] /= sum; }
}

function emptyMap(height, width, channels) {
  return { height, width, channels, values: new Float32Array(height * width * channels) };
}
