/** Hiding the plates of a photo and saving the picture. */

import * as api from "./api.js";
import { by, make } from "./dom.js";
import { count } from "./words.js";

const CHECK = "Look before you share: a plate that was not found is not hidden.";
const SUFFIX = { "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/tiff": ".tif" };

let whole = null; // what is said while the plates of all photos are hidden, and what came of it

/** `photo()` gives the photo on show, `photos` are all of them, `redraw()` shows everything anew. */
export function onHide(photo, photos, redraw) {
  by("hide").addEventListener("submit", (event) => {
    event.preventDefault();
    whole = null;
    hidePlates(photo(), redraw);
  });
  by("hide-all").addEventListener("click", () => hideAll([...photos], redraw));
  by("hide-view").addEventListener("click", () => {
    photo().original = !photo().original;
    redraw();
  });
}

/** One picture after the other is saved as soon as its plates are hidden. */
async function hideAll(photos, redraw) {
  const wanted = photos.filter((photo) => photo.result && !photo.hiding);
  const failed = [];
  for (const [index, photo] of wanted.entries()) {
    whole = { busy: true, text: `Photo ${index + 1} of ${wanted.length}…` };
    await hidePlates(photo, redraw);
    if (photo.hideError) failed.push(photo.hideError);
    else make("a", { href: photo.hidden.url, download: photo.hidden.name }).click();
  }
  whole = { busy: false, text: [`${count(wanted.length - failed.length, "picture")} saved. ${CHECK}`, ...failed].join(" ") };
  redraw();
}

async function hidePlates(photo, redraw) {
  const method = document.querySelector("input[name=method]:checked").value;
  Object.assign(photo, { hiding: "Hiding the plates…", hideError: null });
  redraw();
  try {
    const waiting = (seconds) => {
      photo.hiding = seconds ? `The server is busy. Trying again in ${seconds} s.` : "Hiding the plates…";
      redraw();
    };
    const { blob, plates } = await api.hide(photo.file, method, waiting);
    if (photo.hidden) URL.revokeObjectURL(photo.hidden.url);
    photo.hidden = { url: URL.createObjectURL(blob), name: nameFor(photo.file.name, blob.type), plates };
    photo.original = false;
  } catch (error) {
    photo.hideError = error.message;
  }
  photo.hiding = null;
  redraw();
}

function outcome({ plates }) {
  if (plates === 0) return "No plate was found to hide; the picture is as it was.";
  return `${plates === null ? "Plates" : count(plates, "plate")} hidden. ${CHECK}`;
}

const nameFor = (name, type) => name.replace(/\.[^.]*$/, "") + "-hidden" + (SUFFIX[type] ?? ".jpg");

/** Bring the panel in line with the photo on show. */
export function showHide(photo, photos) {
  const { hidden } = photo;
  by("hide").hidden = photo.result === null;
  by("hide-now").disabled = by("hide-all").disabled = photo.hiding !== null || Boolean(whole?.busy);
  const several = photos.filter((one) => one.result).length;
  by("hide-all").hidden = several < 2;
  by("hide-all").textContent = `Hide in all ${several} and save`;
  by("hide-view").hidden = by("download").hidden = !hidden;
  by("hide-view").textContent = photo.original ? "Show hidden" : "Show original";
  const note = by("hide-note");
  note.dataset.kind = photo.hideError ? "error" : "";
  note.textContent = whole?.text ?? photo.hideError ?? photo.hiding ?? (hidden ? outcome(hidden) : "");
  if (!hidden) return;
  by("download").href = hidden.url;
  by("download").download = hidden.name;
}
