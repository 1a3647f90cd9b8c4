/** The photo on the page with the plates outlined on it. */

import { by, draw } from "./dom.js";
import { level } from "./words.js";

const LABEL_PX = 22;
const NARROW_PX = 560;
const GAP_PX = 5;

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
  outline(width, height);
}

function outline(width, height) {
  const svg = by("outlines");
  const plates = (shown.outlined && shown.result?.plates) || [];
  const scale = by("frame").clientWidth / width; // screen pixels a photo pixel
  svg.setAttribute("viewBox", `0 0 ${by("frame").clientWidth || width} ${by("frame").clientHeight || height}`);
  const quads = plates.map((plate) => plate.corners.map(([x, y]) => [x * scale, y * scale]));
  const labels = placed(plates, quads, width * scale, height * scale);
  svg.replaceChildren(...plates.map((plate, index) => one(plate, index, quads[index], labels[index])));
}

function one(plate, index, quad, label) {
  const points = quad.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return draw(
    "g",
    { class: "outline", "data-index": index, "data-level": plate.text ? level(plate.confidence) : "unsure", onclick: () => onPick(index) },
    draw("polygon", { class: "casing", points }),
    draw("polygon", { class: "line", points }),
    draw("rect", { x: label.x, y: label.y, width: label.width, height: LABEL_PX, rx: 4 }),
    draw("text", { x: label.x + label.width / 2, y: label.y + LABEL_PX / 2 }, label.text),
  );
}

/** Where each label goes: above its plate, else below, else beside what is in the way. */
function placed(plates, quads, width, height) {
  const taken = quads.map((quad) => box(quad));
  return plates.map((plate, index) => {
    const text = width < NARROW_PX || !plate.text ? String(index + 1) : `${index + 1}  ${plate.text}`;
    const size = { text, width: 14 + 8.4 * text.length };
    const plateBox = box(quads[index]);
    const centre = (plateBox.x0 + plateBox.x1) / 2 - size.width / 2;
    const x = Math.max(2, Math.min(centre, width - size.width - 2));
    const rows = [plateBox.y0 - LABEL_PX - GAP_PX, plateBox.y1 + GAP_PX, plateBox.y0 - 2 * (LABEL_PX + GAP_PX), plateBox.y1 + LABEL_PX + 2 * GAP_PX];
    const free = (y) => y >= 2 && y + LABEL_PX <= height - 2 && !taken.some((other) => overlaps(other, x, y, size.width));
    const y = rows.find(free) ?? Math.max(2, rows[0]);
    taken.push({ x0: x, y0: y, x1: x + size.width, y1: y + LABEL_PX });
    return { ...size, x, y };
  });
}

const overlaps = (other, x, y, width) => x < other.x1 && other.x0 < x + width && y < other.y1 && other.y0 < y + LABEL_PX;

function box(quad) {
  const xs = quad.map(([x]) => x);
  const ys = quad.map(([, y]) => y);
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}

new ResizeObserver(() => shown && fit()).observe(by("frame"));
