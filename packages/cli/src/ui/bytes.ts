const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `512 MB`, `1.5 GB`: powers of 1024, as the panel shows them. */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1_024 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${UNITS[power]}`;
}
