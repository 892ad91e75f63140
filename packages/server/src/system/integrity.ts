import { Worker } from 'node:worker_threads';
import { programFile } from '../program-file.ts';

export interface Integrity {
  /** Nothing found: the file is sound. */
  readonly problems: readonly string[];
  readonly checkedAt: number;
}

const AGAIN_AFTER_MS = 60 * 60_000;

/** Checks the database now and then when somebody asks, never twice at once. */
export function createIntegrity(path: string, now: () => number) {
  let last: Integrity | null = null;
  let running: Promise<Integrity> | null = null;

  const start = (): Promise<Integrity> => {
    running ??= check(path)
      .then((problems) => {
        last = { problems, checkedAt: now() };
        return last;
      })
      .finally(() => {
        running = null;
      });
    return running;
  };

  /** The newest result; null while the first one is not there after `waitMs`. Throws when it could not be made. */
  return async (waitMs: number): Promise<Integrity | null> => {
    const known = last;
    if (known !== null && now() - known.checkedAt < AGAIN_AFTER_MS) return known;
    const checking = start();
    // Whoever asks next may wait for it as well; nobody need.
    checking.catch(() => undefined);
    if (known !== null) return known;
    return Promise.race([checking, later(waitMs)]);
  };
}

const later = (ms: number): Promise<null> =>
  new Promise((done) => {
    setTimeout(() => done(null), ms).unref();
  });

/** What is wrong with the file; nothing where it is sound. */
function check(path: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(programFile('process/main', import.meta.url), { workerData: path });
    worker.unref();
    worker.once('message', (lines: readonly string[]) =>
      resolve(lines.filter((line) => line !== 'ok')),
    );
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the check ended without a result')));
  });
}
