/** Results as text, JSON and CSV; to the clipboard or into a file. */

import { make, say } from "./dom.js";

const COLUMNS = ["text", "confidence", "country", "template", "region", "lines", "reason", "score"];

/** One line for each plate that has a text. */
export const asText = (result) => result.plates.filter((plate) => plate.text).map((plate) => plate.text).join("\n");

/** The record without the pictures, in the shape that `platelight read --format jsonl` prints. */
export function asJson(result) {
  const { time_ms: _time, ...photo } = result;
  const plates = photo.plates.map(({ image: _image, ...plate }) => plate);
  return JSON.stringify({ ...photo, plates }, null, 2);
}

/** A row for each plate of all photos, with a heading. */
export function asCsv(results) {
  const rows = results.flatMap((photo) =>
    photo.plates.map((plate) => [photo.source, ...COLUMNS.map((name) => plate[name]), plate.flags.join(";"), ...plate.box]),
  );
  return [["source", ...COLUMNS, "flags", "x", "y", "width", "height"], ...rows].map((row) => row.map(cell).join(",") + "\r\n").join("");
}

/** A spreadsheet takes a text that begins like a formula for one; an apostrophe keeps it a text. */
function cell(value) {
  const text = String(value ?? "");
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Put `text` on the clipboard and say so on the button. */
export async function copy(text, button) {
  const done = (await toClipboard(text)) ? "Copied" : "Could not copy";
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = done;
  say(done);
  setTimeout(() => (button.textContent = before), 1600);
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedTheOldWay(text); // outside https and localhost browsers offer nothing else
  }
}

function copiedTheOldWay(text) {
  const before = document.activeElement;
  const area = make("textarea", { class: "unseen", "aria-hidden": "true" }, text);
  (before?.closest("dialog") ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
    before?.focus();
  }
}
