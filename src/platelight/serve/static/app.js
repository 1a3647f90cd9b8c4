/** The page: which photos there are, which one is on show, and what is known of it. */

import * as api from "./api.js";
import { onCamera } from "./camera.js";
import { card, title } from "./cards.js";
import { by, make, notice, save, say } from "./dom.js";
import { onHide, showHide } from "./hide.js";
import { onPhotos } from "./intake.js";
import { onOptions, options, setEffort } from "./options.js";
import { asCsv, asJson, asText, copy } from "./share.js";
import { showThumbs, thumbnail } from "./thumbs.js";
import * as viewer from "./viewer.js";
import { count, duration } from "./words.js";

const AT_ONCE = 2;
const EXAMPLES = ["yard", "motorbikes", "rain"];

const photos = [];
let current = null;
let running = 0;
let nextId = 1;

function add(files) {
  const added = files.map((file) => ({
    id: nextId++, file, url: URL.createObjectURL(file), thumb: null, state: "waiting", pause: 0, result: null, error: null,
    hidden: null, hiding: null, hideError: null, original: false,
  }));
  photos.push(...added);
  drawThumbs(added);
  const focusLost = by("work").hidden;
  current = added[0];
  redraw();
  if (focusLost) by("found").focus({ preventScroll: true });
  pump();
}

/** One after the other: a photo of a phone takes 50 MB while it is decoded. */
async function drawThumbs(added) {
  for (const photo of added) {
    photo.thumb = await thumbnail(photo.file);
    redraw();
  }
}

/** Read waiting photos, a few at once. */
function pump() {
  while (running < AT_ONCE) {
    const photo = photos.find((one) => one.state === "waiting");
    if (!photo) return;
    running++;
    read(photo).finally(() => {
      running--;
      pump();
    });
  }
}

async function read(photo) {
  Object.assign(photo, { state: "reading", error: null, pause: 0 });
  redraw();
  const waiting = (seconds) => {
    photo.pause = seconds;
    redraw();
  };
  try {
    photo.result = await api.read(photo.file, options(), waiting);
    photo.state = "done";
    say(`${photo.file.name}: ${summary(photo.result)}. ${photo.result.plates.map(title).join(". ")}`);
  } catch (error) {
    photo.error = error;
    photo.state = "failed";
    if (photo !== current) say(error.message); // the current photo's error is on show and read out as an alert
  }
  if (photos.includes(photo)) redraw();
}

function again(effort) {
  if (effort) setEffort(effort);
  if (current.state === "waiting" || current.state === "reading") return;
  current.state = "waiting";
  by("found").focus({ preventScroll: true }); // the button that was pressed goes away
  redraw();
  pump();
}

function remove() {
  const at = photos.indexOf(current);
  photos.splice(at, 1);
  for (const url of [current.url, current.thumb, current.hidden?.url]) if (url) URL.revokeObjectURL(url);
  current = photos[Math.min(at, photos.length - 1)] ?? null;
  redraw();
  (current ? by("found") : by("choose")).focus();
}

const summary = (result) => (result.plates.length ? count(result.plates.length, "plate") : "No plate found");

function redraw() {
  document.body.dataset.state = current ? "working" : "empty";
  by("work").hidden = by("again-field").hidden = current === null;
  if (current === null) return;
  showPhoto(current);
  showResults(current);
  showHide(current, photos);
  showThumbs(photos, current, (photo) => {
    current = photo;
    redraw();
  });
}

function showPhoto(photo) {
  const { result, hidden } = photo;
  const veiled = hidden && !photo.original;
  const alt = veiled ? "The photo with its plates hidden" : `The photo${result ? `: ${summary(result)}` : ""}`;
  viewer.show(veiled ? hidden.url : photo.url, alt, result, !veiled);
  by("name").textContent = photo.file.name;
  by("facts").textContent = result ? `${result.width} × ${result.height} · read in ${duration(result.time_ms)}` : "";
  const busy = photo.hiding ?? working(photo);
  by("busy").hidden = busy === null;
  by("busy").textContent = busy ?? "";
}

function working(photo) {
  if (photo.state === "waiting") return "Waiting…";
  if (photo.state !== "reading") return null;
  return photo.pause ? `The server is busy. Trying again in ${photo.pause} s.` : "Reading…";
}

let drawn = null;

function showResults(photo) {
  by("save-all").hidden = photos.filter((one) => one.result).length < 2;
  const key = `${photo.id} ${photo.state}`;
  if (drawn?.key === key && drawn.result === photo.result) return; // nothing new: what is open stays open
  drawn = { key, result: photo.result };
  const done = photo.state === "done";
  by("found").textContent = done ? summary(photo.result) : photo.state === "failed" ? "Not read" : "Reading…";
  by("message").replaceChildren(...(done ? nothingFound(photo) : photo.state === "failed" ? [failed(photo)] : []));
  by("plates").replaceChildren(...(done ? photo.result.plates.map((plate, index) => card(plate, index, viewer.mark)) : []));
  by("legend").hidden = !done || !photo.result.plates.some((plate) => plate.text);
  by("copying").hidden = !done || !photo.result.plates.length;
}

function failed(photo) {
  const retry = photo.error.again ? make("button", { type: "button", class: "small", onclick: () => again() }, "Try again") : null;
  return make("div", { class: "notice", "data-kind": "error", role: "alert" }, make("p", {}, photo.error.message), retry);
}

function nothingFound(photo) {
  if (photo.result.plates.length) return [];
  const harder = options().effort === "thorough" ? null : make("button", { type: "button", class: "small", onclick: () => again("thorough") }, "Look more thoroughly");
  return [make("div", { class: "notice" }, make("p", {}, "Small, distant or dark plates may be missed; so are plates that are cut off."), harder)];
}

async function example() {
  by("example").disabled = true;
  try {
    add(await Promise.all(EXAMPLES.map(fetched)));
  } catch {
    notice("The example pictures cannot be loaded. Is the server still running?");
  }
  by("example").disabled = false;
}

async function fetched(name) {
  const response = await fetch(`/static/examples/${name}.webp`);
  if (!response.ok) throw new Error(String(response.status));
  return new File([await response.blob()], `${name}.webp`, { type: "image/webp" });
}

onOptions();
onPhotos(add);
onCamera(add);
onHide(() => current, photos, redraw);
viewer.onPlate((index) => {
  const element = by(`plate-${index}`);
  element.focus();
  element.scrollIntoView({ block: "nearest", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
});
by("example").addEventListener("click", example);
by("again").addEventListener("click", () => again());
by("enlarge").addEventListener("click", viewer.enlarge);
by("remove").addEventListener("click", remove);
by("copy-text").addEventListener("click", (event) => copy(asText(current.result), event.currentTarget));
by("copy-json").addEventListener("click", (event) => copy(asJson(current.result), event.currentTarget));
by("save-all").addEventListener("click", () => {
  const results = photos.filter((photo) => photo.result).map((photo) => photo.result);
  save(new Blob([asCsv(results)], { type: "text/csv" }), "plates.csv");
});
window.addEventListener("online", () => {
  for (const photo of photos) if (photo.state === "failed" && photo.error.again) photo.state = "waiting";
  pump();
});
if (/Mac|iPhone|iPad/.test(navigator.platform)) by("key").textContent = "⌘";
