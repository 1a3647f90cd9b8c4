/** Where each plate's label goes. */

const HEIGHT_PX = 22;
const NARROW_PX = 560;
const GAP_PX = 5;

/** Labels for plates whose corners are `quads` on a picture of that size, all in screen pixels: { text, x, y, width, height }.
 *
 * The text stands above its plate or below it. Where that would cover something, the number alone takes less room.
 */
export function labelled(plates, quads, width, height) {
  const taken = quads.map(around);
  const free = (label) =>
    label.x >= 2 && label.y >= 2 && label.x + label.width <= width - 2 && label.y + HEIGHT_PX <= height - 2 && !taken.some((other) => overlap(other, label));
  return plates.map((plate, index) => {
    const number = String(index + 1);
    const long = width < NARROW_PX || !plate.text ? [] : places(`${number}  ${plate.text}`, taken[index], width).slice(0, 2);
    const short = places(number, taken[index], width);
    const label = [...long, ...short].find(free) ?? short[0];
    taken.push(label);
    return label;
  });
}

/** Above, below, right, left, further above, further below. */
function places(text, plate, width) {
  const size = { text, width: 14 + 8.4 * text.length, height: HEIGHT_PX };
  const x = Math.max(2, Math.min(plate.x + plate.width / 2 - size.width / 2, width - size.width - 2));
  const middle = plate.y + plate.height / 2 - HEIGHT_PX / 2;
  const [above, below] = [plate.y - HEIGHT_PX - GAP_PX, plate.y + plate.height + GAP_PX];
  const beside = [{ x: plate.x + plate.width + GAP_PX, y: middle }, { x: plate.x - size.width - GAP_PX, y: middle }];
  const step = HEIGHT_PX + GAP_PX;
  return [{ x, y: above }, { x, y: below }, ...beside, { x, y: above - step }, { x, y: below + step }].map((place) => ({ ...size, ...place }));
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The box around four corners. */
export function around(quad) {
  const xs = quad.map(([x]) => x);
  const ys = quad.map(([, y]) => y);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
