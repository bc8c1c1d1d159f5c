// The elements of the page, and short notes in them.

/** The element with an id. */
export function element(id) {
  return document.getElementById(id);
}

/** Writes words into an element, in the colour of errors if they tell of one. */
export function note(id, words, isError = false) {
  element(id).textContent = words;
  element(id).classList.toggle("error", isError);
}
