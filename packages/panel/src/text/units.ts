const BYTES = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `512 MB`, `1.5 GB`: powers of 1024, as memory is counted. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_024 && unit < BYTES.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  const digits = value >= 100 || unit === 0 || Number.isInteger(value) ? 0 : 1;
  return `${value.toFixed(digits)} ${BYTES[unit]}`;
}

/** `12 %` of one core. */
export const percentText = (value: number): string =>
  `${value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value)} %`;
