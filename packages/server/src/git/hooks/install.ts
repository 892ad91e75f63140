import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFile } from '../../program-file.ts';

/**
 * Writes the hook directory that every push is run with (`core.hooksPath`): tiny shell scripts, written anew at each
 * start, so an upgrade or a moved installation changes the hooks of all repositories at once. What Node made of the
 * programs is kept beside them, which halves what each push costs.
 */
export async function installHooks(directory: string, nodePath: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of ['pre-receive', 'post-receive']) {
    const script = programFile(name, import.meta.url);
    const cache = `NODE_COMPILE_CACHE=${quote(join(directory, 'compiled'))}`;
    const text = `#!/bin/sh\n${cache} exec ${quote(nodePath)} --no-warnings ${quote(script)}\n`;
    const path = join(directory, name);
    await writeFile(`${path}.new`, text, { mode: 0o700 });
    await rename(`${path}.new`, path);
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
