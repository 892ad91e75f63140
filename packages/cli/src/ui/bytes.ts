const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `512 MB`, `1.5 GB`: powers of 1024, as the panel shows them. */
export function bytesText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length - 1);
  const value = bytes / 1_024 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${UNITS[power]}`;
}

/** `512M`, `1.5GB`, `2 GiB` or plain bytes, by the same powers; null: it is none of these. */
export function readBytes(text: string): number | null {
  const found = /^(\d{1,15}(?:\.\d{1,3})?)\s?(?:([kmgt])i?)?b?$/i.exec(text);
  if (found === null) return null;
  const power = ' kmgt'.indexOf(found[2]?.toLowerCase() ?? ' ');
  return Math.round(Number(found[1]) * 1_024 ** power);
}
