export type Log = (
  level: 'info' | 'warn' | 'error',
  message: string,
  details?: Record<string, unknown>,
) => void;

/** How many lines a second may say the same thing; a dead backend under load would otherwise fill the disk. */
const linesPerSecond = 5;

/** One JSON object a line, on standard output, which the server pointed at `logs/router.log`. */
export function createLog(write: (line: string) => void): Log {
  const written = new Map<string, number>();
  let second = 0;
  return (level, message, details = {}) => {
    const now = Date.now();
    if (Math.floor(now / 1_000) !== second) {
      second = Math.floor(now / 1_000);
      written.clear();
    }
    const count = (written.get(message) ?? 0) + 1;
    written.set(message, count);
    if (count > linesPerSecond) return;
    write(`${JSON.stringify({ time: new Date(now).toISOString(), level, message, ...details })}\n`);
  };
}
