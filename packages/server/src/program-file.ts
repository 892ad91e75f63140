import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The path of a program beside the module `from` (its `import.meta.url`), to be started as a process of its own: `.ts`
 * in the work tree, `.js` in a package. `name` is relative and has no extension.
 */
export const programFile = (name: string, from: string): string =>
  fileURLToPath(new URL(`${name}${extname(from)}`, from));
