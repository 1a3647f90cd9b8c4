/** What the page calls things. */

const names = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

/** "ua" to "Ukraine"; the code itself where nobody knows it. */
export function countryName(code) {
  try {
    return names.of(code.toUpperCase()) ?? code.toUpperCase();
  } catch {
    return code;
  }
}

let codes = null;

/** Country codes of "Ukraine, pl", and the words among them that name no country. */
export function countriesOf(text) {
  codes ??= new Map(everyCode().map((code) => [countryName(code).toLowerCase(), code]));
  const found = { codes: [], unknown: [] };
  for (const word of text.split(/[,;]/).map((part) => part.trim().toLowerCase()).filter(Boolean)) {
    const code = codes.get(word) ?? ([...codes.values()].includes(word) ? word : null);
    if (code) found.codes.push(code);
    else found.unknown.push(word);
  }
  return found;
}

function everyCode() {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  return letters.flatMap((a) => letters.map((b) => a + b)).filter((code) => names.of(code.toUpperCase()));
}

export const FLAGS = {
  cut_off: ["Cut off", "The plate reaches the edge of the picture; characters may be missing."],
  incomplete: ["Incomplete", "Characters are probably cut off or covered."],
  too_small: ["Very small", "Lines lower than nine pixels can hardly be read."],
  tilted: ["Tilted", "The plate is seen from a steep angle."],
  unreadable: ["Unreadable", "A plate is there, but its text cannot be read."],
};

export const REASONS = {
  AS_READ: "as the network read it",
  CORRECTED: "corrected to fit the plate type",
  NO_TEMPLATE: "fits no known plate type",
};

export const EFFORTS = {
  fast: "One look at the whole picture.",
  normal: "A second look where it pays.",
  thorough: "Every scale: finds small plates, takes longer.",
};

export const LEVELS = { sure: 0.9, likely: 0.6 };

/** How sure a chance from 0 to 1 is: sure, likely or unsure. */
export const level = (chance) => (chance >= LEVELS.sure ? "sure" : chance >= LEVELS.likely ? "likely" : "unsure");

/** "98 %"; never 100 % for what is not certain, nor 0 % for what is not impossible. */
export function percent(chance) {
  if (chance > 0.99) return "over 99\u00a0%";
  if (chance > 0 && chance < 0.01) return "under 1\u00a0%";
  return `${Math.round(chance * 100)}\u00a0%`;
}

/** "1 plate", "2 plates". */
export const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

/** "41 ms", "1.3 s". */
export const duration = (ms) => (ms < 1000 ? `${Math.max(1, Math.round(ms))}\u00a0ms` : `${(ms / 1000).toFixed(1)}\u00a0s`);

/** The plate's text split into its lines, where the server says where they end. */
export function linesOf(plate) {
  const lines = plate.text_lines ?? [];
  return lines.join("") === plate.text ? lines : [plate.text];
}
