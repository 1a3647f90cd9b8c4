/** Ways for photos to get onto the page: chosen, dropped (folders too), pasted. */

import { by, notice } from "./dom.js";

const MOST = 100;
const NAMES = /\.(avif|bmp|dib|gif|heic|heif|j2k|jfif|jp2|jpe?g?|pbm|pgm|png|pnm|ppm|tiff?|webp)$/i;

/** Have `take(files)` called with whatever pictures arrive. */
export function onPhotos(take) {
  const few = (files) => {
    if (files.length > MOST) notice(`Only the first ${MOST} of ${files.length} photos were taken. For more, use platelight read or platelight batch.`);
    if (files.length) take(files.slice(0, MOST));
  };
  for (const id of ["files", "snapshot"]) {
    by(id).addEventListener("change", (event) => {
      few([...event.target.files]);
      event.target.value = ""; // so that the same file can be chosen again
    });
  }
  by("choose").addEventListener("click", () => by("files").click());
  dropping(few);
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    few(files);
  });
}

function dropping(take) {
  let depth = 0;
  const over = (on) => (by("dropping").hidden = !on);
  const withFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragenter", (event) => {
    if (withFiles(event)) over(++depth > 0);
  });
  document.addEventListener("dragleave", (event) => {
    if (withFiles(event)) over(--depth > 0);
  });
  document.addEventListener("dragover", (event) => {
    if (withFiles(event)) event.preventDefault();
  });
  document.addEventListener("drop", async (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    take(await filesOf(event.dataTransfer));
  });
}

/** The files of a drop; of a folder those that are named like pictures, to the bottom. */
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean); // gone after the first await
  const files = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return files;
  const found = [];
  for (const entry of entries) await collect(entry, found);
  if (!found.length) notice("There are no pictures in this folder.");
  return found;
}

async function collect(entry, found) {
  if (entry.isFile) {
    if (NAMES.test(entry.name)) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const child of some.sort((a, b) => a.name.localeCompare(b.name))) await collect(child, found);
  }
}
