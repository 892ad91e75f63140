const WIDTH = 24;

/** `[######------------------]  25 % BUILDING  0:12`. */
export function progressBar(percent: number, label: string, elapsedMs: number): string {
  const share = Math.max(0, Math.min(100, percent)) / 100;
  const filled = Math.round(share * WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(WIDTH - filled);
  return `[${bar}] ${String(Math.round(share * 100)).padStart(3)} % ${label}  ${clock(elapsedMs)}`;
}

/** `0:07`, `12:34`, `1:02:03`. */
export function clock(elapsedMs: number): string {
  const seconds = Math.max(0, Math.floor(elapsedMs / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? part : String(part).padStart(2, '0'))).join(':');
}
