/** The photo on the page with the plates outlined on it. */

import { by, draw } from "./dom.js";
import { around, labelled } from "./labels.js";
import { level } from "./words.js";

let shown = null;
let onPick = () => {};

/** Have `pick(index)` called when an outline is clicked. */
export function onPlate(pick) {
  onPick = pick;
}

/** Show the picture at `url` and the plates of `result`, if there is one; `outlined` false leaves them out. */
export function show(url, alt, result, outlined) {
  const photo = by("photo");
  shown = { result, outlined };
  if (photo.getAttribute("src") !== url) {
    shows(true);
    photo.onload = fit;
    photo.onerror = () => {
      shows(false);
      fit();
    };
    photo.src = url;
  }
  photo.alt = alt;
  fit();
}

/** Mark the outline of one plate, or of none. */
export function mark(index) {
  for (const outline of by("outlines").querySelectorAll(".outline")) outline.classList.toggle("marked", Number(outline.dataset.index) === index);
  if (index !== null) centre(index);
}

/** Show the picture pixel by pixel, to be moved about, or all of it again. */
export function enlarge() {
  const on = by("stage").classList.toggle("large");
  by("mat").tabIndex = on ? 0 : -1; // a region that scrolls can be scrolled by keyboard
  by("enlarge").textContent = on ? "Whole photo" : "Enlarge";
  fit();
  centre(0);
}

/** Move an enlarged picture so that this plate is in the middle. */
function centre(index) {
  const plate = shown.result?.plates[index];
  if (!plate || !by("stage").classList.contains("large")) return;
  const scale = by("frame").clientWidth / shown.result.width;
  const { x, y, width, height } = around(plate.corners);
  const mat = by("mat");
  mat.scrollTo((x + width / 2) * scale - mat.clientWidth / 2, (y + height / 2) * scale - mat.clientHeight / 2);
}

/** Whether the browser can show the picture. */
function shows(yes) {
  by("photo").hidden = !yes;
  by("unshown").hidden = yes;
  by("frame").classList.toggle("blank", !yes);
}

function fit() {
  const photo = by("photo");
  const frame = by("frame");
  const width = shown.result?.width || photo.naturalWidth || 16;
  const height = shown.result?.height || photo.naturalHeight || 7;
  frame.style.aspectRatio = `${width} / ${height}`;
  frame.style.setProperty("--aspect", (width / height).toFixed(4));
  frame.style.setProperty("--natural", width);
  outline(width, height);
}

function outline(width, height) {
  const svg = by("outlines");
  const plates = (shown.outlined && shown.result?.plates) || [];
  const scale = by("frame").clientWidth / width; // screen pixels a photo pixel
  svg.setAttribute("viewBox", `0 0 ${by("frame").clientWidth || width} ${by("frame").clientHeight || height}`);
  const quads = plates.map((plate) => plate.corners.map(([x, y]) => [x * scale, y * scale]));
  const labels = labelled(plates, quads, width * scale, height * scale);
  svg.replaceChildren(...plates.map((plate, index) => one(plate, index, quads[index], labels[index])));
}

function one(plate, index, quad, label) {
  const points = quad.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return draw(
    "g",
    { class: "outline", "data-index": index, "data-level": plate.text ? level(plate.confidence) : "unsure", onclick: () => onPick(index) },
    draw("polygon", { class: "casing", points }),
    draw("polygon", { class: "line", points }),
    draw("rect", { x: label.x, y: label.y, width: label.width, height: label.height, rx: 4 }),
    draw("text", { x: label.x + label.width / 2, y: label.y + label.height / 2 }, label.text),
  );
}

new ResizeObserver(() => shown && fit()).observe(by("frame"));
