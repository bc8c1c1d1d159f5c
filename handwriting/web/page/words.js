// How sure a reading is, in words.

const SURE = 0.97;
const FAIRLY_SURE = 0.85;
const LIKELY = 0.6;

/** A probability for people. 99.96 % does not become 100 %. */
export function percent(probability) {
  return `${Math.min(99.9, Math.floor(probability * 1000) / 10).toFixed(probability < 0.995 ? 0 : 1)}\u00a0%`;
}

/** How sure one digit is. */
export function certaintyOfDigit(digit) {
  if (digit.doubted) {
    return "in doubt";
  }
  return digit.confidence >= SURE ? "sure" : digit.confidence >= FAIRLY_SURE ? "fairly sure" : "likely";
}

/** How sure a whole reading is. */
export function certaintyOfReading(result) {
  if (result.status.startsWith("unreadable")) {
    return `This picture can't be read: ${result.reason}`;
  }
  if (result.confidence === null) {
    return `No digit: ${result.reason}`;
  }
  const sure = result.confidence;
  const word = sure >= SURE ? "Sure" : sure >= FAIRLY_SURE ? "Fairly sure" : sure >= LIKELY ? "Likely" : "A guess";
  const head = result.status === "unsure" ? "Not sure" : word;
  return `${head}, ${percent(sure)}${result.reason ? `: ${result.reason}` : ""}`;
}

/** The name of a label. */
export function nameOfLabel(label) {
  return label === null ? "not a digit" : `${label}`;
}

/** What was learned, and how the person's digits were read before and after. */
export function wordsOfLearned({ learned, judged_by, count, before, after }) {
  return (
    `Learned ${learned} of your digits; the new network reads with the others. ` +
    `Of ${count} ${judged_by}, ${before} were misread before and ${after} are now.`
  );
}

/** A network's name in the table of opinions. */
export function nameOfNetwork(name) {
  return { ensemble: "All together", finder: "Finder", cnn_v3_mine: "Your hand" }[name] ?? name;
}
