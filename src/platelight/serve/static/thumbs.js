/** The photos of this visit as thumbnails. They are forgotten when the page is closed. */

import { by, make } from "./dom.js";

const SIZE_PX = 144;
const MARKS = { waiting: "…", reading: "…", failed: "!" };

let shown = null;

/** A small picture of the file as an address, or null where this browser cannot show it. */
export async function thumbnail(file) {
  try {
    const bitmap = await createImageBitmap(file, { resizeHeight: SIZE_PX, resizeQuality: "medium" });
    const canvas = make("canvas", { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    return URL.createObjectURL(await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.8)));
  } catch {
    return null;
  }
}

/** The strip, hidden while there is only one photo; `choose(photo)` is called for the one that is picked. */
export function showThumbs(photos, current, choose) {
  by("strip").hidden = photos.length < 2;
  const list = by("thumbs");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  list.replaceChildren(...photos.map((photo) => thumb(photo, photo === current, choose)));
  if (shown !== current) list.querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });
  shown = current;
  if (focused) list.querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
}

function thumb(photo, chosen, choose) {
  const plates = photo.result?.plates.length;
  const state = photo.state === "done" ? `${plates || "no"} plate${plates === 1 ? "" : "s"}` : photo.state === "failed" ? "not read" : "being read";
  const mark = make("span", { class: "mark", "data-state": photo.state, "aria-hidden": "true" }, photo.state === "done" ? String(plates) : MARKS[photo.state]);
  const picture = photo.thumb ? make("img", { src: photo.thumb, alt: "" }) : make("span", { class: "blank" });
  const name = `${photo.file.name}, ${state}`;
  return make(
    "li",
    {},
    make("button", { type: "button", "data-id": photo.id, "aria-label": name, title: name, "aria-current": chosen ? "true" : null, onclick: () => choose(photo) }, picture, mark),
  );
}
