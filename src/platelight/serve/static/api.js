/** Requests to the server, and what may go wrong with them in words a person understands. */

import { askToken, token } from "./token.js";

const RETRIES = 4;
const LONGEST_WAIT_S = 30;

/** What went wrong; `again` says whether trying once more may help. */
export class Failure extends Error {
  constructor(message, again = false) {
    super(message);
    this.again = again;
  }
}

/** The plates of one photo: the answer's record of it, with `time_ms`. `waiting(seconds)` is told when the server is busy. */
export async function read(file, options, waiting) {
  const form = new FormData();
  form.append("files", file, file.name);
  form.append("images", "true");
  for (const [name, value] of Object.entries(options)) if (value) form.append(name, value);
  const answer = await (await post("/v1/read", form, file, waiting)).json();
  const photo = answer.photos?.[0];
  if (!photo) throw new Failure("The server's answer holds no photo.");
  if (photo.error) throw new Failure(about(file, photo.error));
  return { time_ms: answer.time_ms, ...photo };
}

/** The photo with its plates hidden, and how many these are (null where the server does not say). */
export async function hide(file, method, waiting) {
  const form = new FormData();
  form.append("file", file, file.name);
  form.append("method", method);
  const response = await post("/v1/redact", form, file, waiting);
  const plates = response.headers.get("X-Plates-Hidden");
  return { blob: await response.blob(), plates: plates === null ? null : Number(plates) };
}

async function post(path, form, file, waiting) {
  for (let attempt = 1; ; attempt++) {
    const response = await sent(path, form, file);
    if (response.ok) return response;
    if (response.status === 401 && (await askToken(token() !== null))) continue;
    const busy = response.status === 429 || response.status === 503;
    if (!busy || attempt > RETRIES) throw await failure(response, file);
    const seconds = Math.min(Math.max(Number(response.headers.get("Retry-After")) || attempt, 1), LONGEST_WAIT_S);
    waiting(seconds);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    waiting(0);
  }
}

async function sent(path, form, file) {
  const headers = token() === null ? {} : { Authorization: `Bearer ${token()}` };
  try {
    return await fetch(path, { method: "POST", body: form, headers, cache: "no-store" });
  } catch {
    throw await unreachable(file);
  }
}

/** A request without an answer: the file is gone, the network is, or the server hung up on too large a file. */
async function unreachable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    return new Failure(`${file.name} cannot be opened any more. Was it moved or changed?`);
  }
  if (!navigator.onLine) return new Failure("You are offline. The photo can be read once the connection is back.", true);
  const large = file.size > 10_000_000 ? ` It may also be that the file (${megabytes(file.size)}) is larger than the server accepts.` : "";
  return new Failure(`The server cannot be reached. Is it still running?${large}`, true);
}

async function failure(response, file) {
  let said = null;
  try {
    said = (await response.json()).error?.message ?? null;
  } catch {
    // a proxy's page, for example
  }
  switch (response.status) {
    case 401:
      return new Failure("The server asks for an access token.", true);
    case 413:
      return new Failure(`${file.name} (${megabytes(file.size)}): ${said ?? "larger than the server accepts"}`);
    case 429:
    case 503:
      return new Failure("The server is busy with other photos. Try again in a moment.", true);
    case 504:
      return new Failure("The server took too long for this photo and gave up.", true);
    default:
      return new Failure(said ? about(file, said) : `The server answered with an error (${response.status}).`, response.status >= 500);
  }
}

const about = (file, message) => (message.startsWith(file.name) ? message : `${file.name}: ${message}`);

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
