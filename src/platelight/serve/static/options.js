/** How to read: countries and effort. */

import { by } from "./dom.js";
import { countriesOf, countryName, EFFORTS } from "./words.js";

const efforts = () => [...document.querySelectorAll("input[name=effort]")];

/** The options in the words of the API. */
export const options = () => ({ country: countriesOf(by("country").value).codes.join(","), effort: effort() });

const effort = () => efforts().find((radio) => radio.checked).value;

export function setEffort(value) {
  for (const radio of efforts()) radio.checked = radio.value === value;
  describe();
}

/** Keep the notes beside the options right. */
export function onOptions() {
  by("country").addEventListener("input", describe);
  for (const radio of efforts()) radio.addEventListener("change", describe);
  describe();
}

function describe() {
  const { codes, unknown } = countriesOf(by("country").value);
  const note = by("country-note");
  note.dataset.kind = unknown.length ? "error" : "";
  note.textContent = unknown.length
    ? `Not a country: ${unknown.join(", ")}. Names or two-letter codes, with commas between them.`
    : codes.length
      ? `Only plates of ${codes.map((code) => `${countryName(code)} (${code.toUpperCase()})`).join(", ")}.`
      : "Names or codes, for example: Ukraine, pl. A hint makes readings surer.";
  by("effort-note").textContent = EFFORTS[effort()];
  by("options-chosen").textContent = `${codes.length ? codes.map((code) => code.toUpperCase()).join(", ") : "any country"}, ${effort()} effort`;
}
