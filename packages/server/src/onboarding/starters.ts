import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Starter } from '@sluice/contract';
import { SluiceError } from '../errors.ts';

interface KnownStarter extends Starter {
  /** Below the examples. */
  readonly folder: string;
}

const STARTERS: readonly KnownStarter[] = [
  {
    id: 'static',
    name: 'Static pages',
    description: 'A page of HTML and a style sheet, with a test that follows its links.',
    language: 'generic',
    folder: 'static-site',
  },
  {
    id: 'python',
    name: 'Python',
    description: "A small site on Python's own web server, with tests in unittest.",
    language: 'python',
    folder: 'python-site',
  },
  {
    id: 'node',
    name: 'Node.js',
    description: 'A small site on node:http without any dependency, with tests in node:test.',
    language: 'node_js',
    folder: 'node-site',
  },
];

/** Starting points for someone without code, read from the examples when they are asked for. */
export function createStarters(examplesDirectory: string) {
  return {
    list: (): Starter[] => STARTERS.map(({ folder: _folder, ...starter }) => starter),

    /** All files of a starter, by path. Throws `invalid` for one that does not exist. */
    files: async (id: string): Promise<Map<string, string>> => {
      const starter = STARTERS.find((one) => one.id === id);
      if (starter === undefined) {
        const names = STARTERS.map((one) => one.id).join(', ');
        throw new SluiceError('invalid', `There is no starter ${id}.`, {
          fields: { starter: [`There is no starter of this name. Use one of ${names}.`] },
        });
      }
      const folder = join(examplesDirectory, starter.folder);
      const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
        (cause: unknown) => {
          throw new SluiceError('unavailable', `The example ${starter.folder} is not installed.`, {
            cause,
          });
        },
      );
      const files = new Map<string, string>();
      for (const entry of entries) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        const name = path.slice(folder.length + 1).replaceAll('\\', '/');
        if (/(^|\/)(__pycache__|node_modules)\//.test(name)) continue;
        files.set(name, await readFile(path, 'utf8'));
      }
      return files;
    },
  };
}
