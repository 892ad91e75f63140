import { RuntimeFailure } from '../runtime.ts';

export interface Procfile {
  /** Commands by process type, in the order of the file. */
  readonly processes: ReadonlyMap<string, string>;
}

/**
 * Reads a Procfile: lines `<type>: <command>`; empty lines and lines that begin with `#` are skipped. A type written
 * twice, or a line that is neither, is a failure rather than a guess: what would run is not what was meant.
 */
export function parseProcfile(text: string): Procfile {
  const processes = new Map<string, string>();
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([A-Za-z0-9_-]{1,60})\s*:\s*(\S.*)$/.exec(line);
    const [, type, command] = match ?? [];
    if (type === undefined || command === undefined) {
      throw new RuntimeFailure(
        'procfile_invalid',
        `Procfile line ${index + 1} is not of the form "<type>: <command>": ${line.slice(0, 200)}`,
      );
    }
    if (processes.has(type)) {
      throw new RuntimeFailure(
        'procfile_invalid',
        `Procfile line ${index + 1} names the process type "${type}" a second time.`,
      );
    }
    processes.set(type, command);
  }
  return { processes };
}
