// The elements of the page, and short notes in them.

/** The element with an id. */
export function element(id) {
  return document.getElementById(id);
}

/** The Latin letter of a pressed key, small, whatever the keyboard's layout. Of another key, what it is called. */
export function letterOf(event) {
  return /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace(/^Key/, "").toLowerCase();
}

/** Writes words into an element, in the colour of errors if they tell of one. */
export function note(id, words, isError = false) {
  if (element(id).textContent !== words) {
    element(id).textContent = words; // what is written once more, a screen reader says once more
  }
  element(id).classList.toggle("error", isError);
}
