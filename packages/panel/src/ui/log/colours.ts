/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** The ground of logs in the lighter of both themes (`--c-log` in styles.css). */
const GROUND: Rgb = [0x11, 0x18, 0x1f];
const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/** WCAG 2.2, 1.4.3. */
const CONTRAST = 4.5;
const STEPS = 20;

/** `rgb(...)` of what a program asked for, moved towards white or black until it can be read on `ground`. */
export function readable(colour: Rgb, ground: Rgb = GROUND): string {
  const key = `${colour}/${ground}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const end = contrast(WHITE, ground) >= contrast(BLACK, ground) ? WHITE : BLACK;
  let shown = colour;
  for (let step = 1; step <= STEPS && contrast(shown, ground) < CONTRAST; step += 1) {
    shown = mix(colour, end, step / STEPS);
  }
  const text = cssColour(shown);
  if (cache.size > 2_000) cache.clear();
  cache.set(key, text);
  return text;
}

const cache = new Map<string, string>();

export const cssColour = ([red, green, blue]: Rgb): string => `rgb(${red} ${green} ${blue})`;

/** `12, 200, 7` */
export function parseRgb(text: string | null): Rgb | null {
  const match = /^(\d{1,3}), ?(\d{1,3}), ?(\d{1,3})$/.exec(text ?? '');
  return match === null ? null : [Number(match[1]), Number(match[2]), Number(match[3])];
}

/** From 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). */
export function contrast(one: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

function mix(from: Rgb, to: Rgb, part: number): Rgb {
  const channel = (index: 0 | 1 | 2) => Math.round(from[index] + (to[index] - from[index]) * part);
  return [channel(0), channel(1), channel(2)];
}
