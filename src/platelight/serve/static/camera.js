/** The camera: a live view and a button that takes a photo. */

import { by } from "./dom.js";

const WHY = {
  NotAllowedError: "The browser does not allow this page to use the camera. Allow it in the address bar or the browser's settings, then try again.",
  NotFoundError: "No camera was found on this device.",
  NotReadableError: "The camera is in use by another program.",
  OverconstrainedError: "This camera cannot be used.",
};
const BACK = { facingMode: "environment" };
const INSECURE = "Browsers give a page the live camera only over https or on localhost, and this page came by neither.";

let stream = null;
let cameras = [];
let current = 0;

/** Set the dialog up; `take(files)` gets the photo. */
export function onCamera(take) {
  const dialog = by("camera");
  by("camera-open").addEventListener("click", () => {
    dialog.showModal();
    start(BACK);
  });
  by("camera-again").addEventListener("click", () => start(BACK));
  by("camera-close").addEventListener("click", () => dialog.close());
  by("camera-app").addEventListener("click", () => {
    dialog.close();
    by("snapshot").click();
  });
  by("camera-next").addEventListener("click", () => {
    current = (current + 1) % cameras.length;
    start({ deviceId: { exact: cameras[current].deviceId } });
  });
  by("camera-take").addEventListener("click", async () => {
    const file = await taken(by("camera-view"));
    dialog.close();
    take([file]);
  });
  dialog.addEventListener("close", stop);
}

async function start(which) {
  stop();
  explain(null);
  if (!navigator.mediaDevices?.getUserMedia) return explain(INSECURE);
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { ...which, width: { ideal: 1920 }, height: { ideal: 1080 } }, audio: false });
  } catch (error) {
    return explain(WHY[error.name] ?? `The camera cannot be used: ${error.message || error.name}`);
  }
  if (!by("camera").open) return stop(); // closed while the browser asked
  const view = by("camera-view");
  view.srcObject = stream;
  await view.play();
  by("camera-take").disabled = false;
  cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  by("camera-next").hidden = cameras.length < 2;
}

/** Say why there is no picture, and offer the phone's own camera instead. */
function explain(why) {
  by("camera-note").textContent = why ?? "";
  by("camera-note").hidden = why === null;
  by("camera-view").hidden = why !== null;
  by("camera-take").hidden = why !== null;
  by("camera-again").hidden = why === null || why === INSECURE;
  by("camera-app").hidden = why === null || !matchMedia("(pointer: coarse)").matches;
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  by("camera-view").srcObject = null;
  by("camera-take").disabled = true;
}

async function taken(view) {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [view.videoWidth, view.videoHeight];
  canvas.getContext("2d").drawImage(view, 0, 0);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
  const time = new Date().toTimeString().slice(0, 8).replaceAll(":", ".");
  return new File([blob], `camera ${time}.jpg`, { type: "image/jpeg" });
}
