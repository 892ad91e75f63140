import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the divio client and curl look for logins. */
export function netrcPath(environment: NodeJS.ProcessEnv): string {
  return environment['NETRC_PATH'] || join(environment['HOME'] ?? '.', '.netrc');
}

/**
 * Sets or (with `token` null) removes the entry of one machine, other entries kept as they stand. The divio client
 * 4.x cannot log in to an address with a scheme, but works with an entry that is there (spec/divio.md 4.2).
 * Answers whether there was an entry before.
 */
export async function writeNetrc(
  path: string,
  machine: string,
  token: string | null,
): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  });
  const { kept, found } = withoutMachine(text, machine);
  const entry = token === null ? '' : `machine ${machine}\n  login sluice\n  password ${token}\n`;
  const mode = await stat(path).then(
    (info) => info.mode & 0o700 & 0o777,
    () => 0o600,
  );
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, kept + entry, { mode });
  await rename(temporary, path);
  return found;
}

/** Cuts from `machine NAME` to the next `machine`, `default` or `macdef`. */
function withoutMachine(text: string, machine: string): { kept: string; found: boolean } {
  const starts = [...text.matchAll(/^[ \t]*(machine[ \t\n]+(\S+)|default\b|macdef\b)/gm)];
  let kept = starts.length === 0 ? text : text.slice(0, starts[0]?.index);
  let found = false;
  for (const [position, start] of starts.entries()) {
    const block = text.slice(start.index, starts[position + 1]?.index);
    if (start[2] === machine) found = true;
    else kept += block;
  }
  if (kept !== '' && !kept.endsWith('\n')) kept += '\n';
  return { kept, found };
}
