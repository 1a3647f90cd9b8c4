/** One card for each plate: crop, text, country, how sure, other readings, details. */

import { make } from "./dom.js";
import { copy } from "./share.js";
import { countryName, FLAGS, level, linesOf, percent, REASONS } from "./words.js";

/** The card of a plate; `mark(index or null)` is called as it gains and loses the pointer or the focus. */
export function card(plate, index, mark) {
  const element = make(
    "li",
    { class: "plate", id: `plate-${index}`, tabindex: "-1", "aria-label": title(plate, index) },
    top(plate, index),
    plate.text ? characters(plate) : make("p", { class: "unread" }, "No text could be read"),
    plate.text ? sureness(plate) : null,
    flags(plate),
    others(plate),
    details(plate),
  );
  for (const event of ["pointerenter", "focusin"]) element.addEventListener(event, () => mark(index));
  for (const event of ["pointerleave", "focusout"]) element.addEventListener(event, () => mark(null));
  return element;
}

/** One line for a screen reader or a heading: "Plate 1: KA4182MX, Ukraine, 98 % sure". */
export function title(plate, index) {
  if (!plate.text) return `Plate ${index + 1}: not readable`;
  const country = plate.country ? `, ${countryName(plate.country)}` : "";
  return `Plate ${index + 1}: ${linesOf(plate).join(" ")}${country}, ${percent(plate.confidence)} sure`;
}

function top(plate, index) {
  const crop = plate.image ? make("img", { class: "crop", src: plate.image, alt: "The plate, straightened", "data-lines": plate.lines }) : null;
  const country = plate.country
    ? make("p", { class: "country" }, make("span", { class: "code" }, plate.country.toUpperCase()), make("span", {}, countryName(plate.country)))
    : make("p", { class: "country" }, make("span", { class: "code" }, "?"), make("span", {}, "Country unknown"));
  return make("div", { class: "plate-top" }, make("span", { class: "number", "aria-hidden": "true" }, String(index + 1)), crop, country);
}

/** The text as tiles, a row for each line; colour, edge and bar say how sure each character is. */
function characters(plate) {
  const chances = plate.char_confidences;
  let at = 0;
  const rows = linesOf(plate).map((line) => make("div", { class: "row" }, [...line].map((character) => tile(character, chances[at++]))));
  return make("div", { class: "text-row" }, make("div", { class: "characters", role: "img", "aria-label": spoken(plate) }, rows), copyButton(plate));
}

function tile(character, chance) {
  if (chance === undefined) return make("span", { class: "char" }, character);
  const meter = make("span", { class: "meter" }, make("span", { class: "fill" }));
  meter.firstChild.style.width = `${Math.max(6, Math.round(chance * 100))}%`;
  return make("span", { class: "char", "data-level": level(chance), title: `${character}: ${percent(chance)}` }, make("span", { class: "glyph" }, character), meter);
}

function spoken(plate) {
  const text = linesOf(plate).map((line) => [...line].join(" ")).join(", next line ");
  const doubtful = [...plate.text].map((character, at) => [character, plate.char_confidences[at]]).filter(([, chance]) => chance < 0.9);
  if (!doubtful.length) return `${text}. Every character 90 % sure or more.`;
  return `${text}. Doubtful: ${doubtful.map(([character, chance]) => `${character} ${percent(chance)}`).join(", ")}.`;
}

function copyButton(plate) {
  const button = make("button", { type: "button", class: "small copy", "aria-label": `Copy ${plate.text}` }, "Copy");
  button.addEventListener("click", () => copy(plate.text, button));
  return button;
}

function sureness(plate) {
  const fill = make("span", { class: "fill" });
  fill.style.width = `${Math.max(1, Math.round(plate.confidence * 100))}%`;
  return make(
    "p",
    { class: "sureness", "data-level": level(plate.confidence) },
    make("span", { class: "meter", "aria-hidden": "true" }, fill),
    make("span", {}, make("strong", {}, percent(plate.confidence)), " sure that the whole text is right"),
  );
}

function flags(plate) {
  const known = plate.flags.map((flag) => FLAGS[flag] ?? [flag, ""]);
  if (!known.length) return null;
  return make("ul", { class: "flags" }, known.map(([name, why]) => make("li", {}, make("strong", {}, name), why ? ` ${why}` : "")));
}

function others(plate) {
  const rest = plate.candidates.filter((candidate) => candidate.text !== plate.text || candidate.template !== plate.template || candidate.country !== plate.country);
  if (!rest.length) return null;
  const rows = rest.map((candidate) =>
    make(
      "tr",
      {},
      make("td", { class: "mono" }, differing(candidate.text, plate.text)),
      make("td", {}, candidate.country ? countryName(candidate.country) : "no country"),
      make("td", { class: "mono dim" }, candidate.template ?? ""),
      make("td", { class: "share" }, percent(candidate.confidence)),
    ),
  );
  const head = make("tr", {}, ["Text", "Country", "Type", "Chance"].map((name) => make("th", { scope: "col" }, name)));
  return make("details", {}, make("summary", {}, `Other readings (${rest.length})`), make("table", {}, make("thead", {}, head), make("tbody", {}, rows)));
}

/** The text with the characters marked that differ from the chosen one. */
function differing(text, chosen) {
  if (!chosen || text.length !== chosen.length) return [text];
  return [...text].map((character, at) => (character === chosen[at] ? character : make("mark", {}, character)));
}

function details(plate) {
  const [x, y, width, height] = plate.box.map(Math.round);
  const facts = [
    ["Plate type", plate.template ?? "none fits"],
    ["Region", plate.region],
    ["Lines", plate.lines],
    ["Network read", plate.raw_text && plate.raw_text !== plate.text ? plate.raw_text : null],
    ["Text", plate.text ? (REASONS[plate.reason] ?? plate.reason) : null],
    ["Characters", plate.text ? [...plate.text].map((character, at) => `${character} ${Math.round((plate.char_confidences[at] ?? 0) * 100)}`).join(" · ") : null],
    ["Detector", `${percent(plate.score)} sure that this is a plate`],
    ["Position", `${width} × ${height} pixels at ${x}, ${y}`],
  ].filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make("details", {}, make("summary", {}, "Details"), make("dl", {}, facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))])));
}
