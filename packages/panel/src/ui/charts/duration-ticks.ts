/** Steps that people count time in, in seconds. */
const STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[60, 120, 300, 600, 900, 1_800],
  ...[3_600, 7_200, 10_800, 21_600, 43_200],
  ...[86_400, 172_800, 604_800, 1_209_600, 2_592_000, 7_776_000, 31_536_000],
];

/** Places for lines on a scale of seconds, from 0 to the first one that is not below `highest`; at most six. */
export function durationTicks(highest: number): number[] {
  const top = Math.max(highest, 1);
  const last = STEPS.at(-1) ?? 1;
  const step = STEPS.find((one) => top / one <= 5) ?? Math.ceil(top / 5 / last) * last;
  return Array.from({ length: Math.ceil(top / step) + 1 }, (_, index) => index * step);
}

/** `45 s`, `5 min`, `1.5 h`, `3 d`: short enough for an axis. */
export function shortDuration(seconds: number): string {
  const short = (value: number) => String(Math.round(value * 10) / 10);
  if (seconds < 60) return `${short(seconds)} s`;
  if (seconds < 3_600) return `${short(seconds / 60)} min`;
  return seconds < 2 * 86_400 ? `${short(seconds / 3_600)} h` : `${short(seconds / 86_400)} d`;
}

/** Places for lines on a scale of counts. */
export function countTicks(highest: number): number[] {
  const top = Math.max(highest, 1);
  const size = 10 ** Math.floor(Math.log10(top / 4 || 1));
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((one) => one * size).find((one) => top / one <= 5) ?? 1,
  );
  return Array.from({ length: Math.ceil(top / step) + 1 }, (_, index) => index * step);
}
