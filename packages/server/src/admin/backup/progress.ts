const EVERY_MS = 200;

/** One line that is written over, on a terminal only. */
export function createProgress(doing: string) {
  const shows = process.stderr.isTTY;
  let last = 0;
  return {
    show: (text: string): void => {
      const now = Date.now();
      if (!shows || now - last < EVERY_MS) return;
      last = now;
      process.stderr.write(`\r\x1b[2K${doing} ${text}`);
    },
    end: (): void => {
      if (shows) process.stderr.write('\r\x1b[2K');
    },
  };
}
