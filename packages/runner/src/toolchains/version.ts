/** Numbers of a version text: `v20.11.0` gives [20, 11, 0]; null when it does not begin with one. */
export function versionNumbers(text: string): number[] | null {
  const match = /^v?(\d+(?:\.\d+)*)/.exec(text);
  return match ? (match[1] as string).split('.').map(Number) : null;
}

/** Orders by the numbers; a release comes after what is only on the way to it (`3.13.0rc1`, `3.13-dev`). */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionNumbers(a) ?? [], versionNumbers(b) ?? []];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(isRelease(a)) - Number(isRelease(b));
}

export function isRelease(text: string): boolean {
  return /^v?\d+(\.\d+)*$/.test(text);
}

export function startsWithNumbers(version: readonly number[], prefix: readonly number[]): boolean {
  return prefix.every((number, index) => (version[index] ?? 0) === number);
}
