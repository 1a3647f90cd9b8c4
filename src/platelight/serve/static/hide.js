/** Hiding the plates of a photo and saving the picture. */

import * as api from "./api.js";
import { by, say } from "./dom.js";
import { count } from "./words.js";

const SUFFIX = { "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/tiff": ".tif" };

/** `photo()` gives the photo on show, `redraw()` shows it anew. */
export function onHide(photo, redraw) {
  by("hide").addEventListener("submit", (event) => {
    event.preventDefault();
    hidePlates(photo(), redraw);
  });
  by("hide-view").addEventListener("click", () => {
    photo().original = !photo().original;
    redraw();
  });
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
    say(outcome(photo.hidden));
  } catch (error) {
    photo.hideError = error.message;
  }
  photo.hiding = null;
  redraw();
}

function outcome({ plates }) {
  if (plates === 0) return "No plate was found to hide; the picture is as it was.";
  return `${plates === null ? "Plates" : count(plates, "plate")} hidden. Look the picture over before you share it: a plate that was not found is not hidden.`;
}

const nameFor = (name, type) => name.replace(/\.[^.]*$/, "") + "-hidden" + (SUFFIX[type] ?? ".jpg");

/** Bring the panel in line with the photo. */
export function showHide(photo) {
  const { hidden } = photo;
  by("hide").hidden = photo.result === null;
  by("hide-now").disabled = photo.hiding !== null;
  by("hide-view").hidden = by("download").hidden = !hidden;
  by("hide-view").textContent = photo.original ? "Show hidden" : "Show original";
  by("hide-view").setAttribute("aria-pressed", String(!photo.original));
  const note = by("hide-note");
  note.dataset.kind = photo.hideError ? "error" : "";
  note.textContent = photo.hideError ?? photo.hiding ?? (hidden ? outcome(hidden) : "");
  if (!hidden) return;
  by("download").href = hidden.url;
  by("download").download = hidden.name;
}
