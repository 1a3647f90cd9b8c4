/** Building and finding elements. Text only ever goes in as text nodes, so no file name can become markup. */

const SVG = "http://www.w3.org/2000/svg";

/** The element of that id. */
export const by = (id) => document.getElementById(id);

/** A new HTML element; children are elements or texts, null ones are left out. */
export function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** A new SVG element. */
export function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

let said = 0;

/** Tells a screen reader, without moving the focus. */
export function say(text) {
  by("status").textContent = text + (said++ % 2 ? "\u00a0" : ""); // the same text twice is read out twice
}

/** Shows an error at the top of the page until it is closed. */
export function notice(text) {
  const close = make("button", { type: "button", class: "quiet", onclick: () => box.remove() }, "Close");
  const box = make("div", { class: "notice", "data-kind": "error" }, make("p", {}, text), close);
  by("notices").replaceChildren(box);
}

/** Offers `blob` as a file to save. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
