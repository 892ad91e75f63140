import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SluiceError } from '../errors.ts';
import type { Settings } from './definitions.ts';
import { readSettings } from './read.ts';

/**
 * Reads the settings of this process: `argv` (without program names), the environment and the settings
 * file. The data directory comes back as an absolute path.
 */
export async function loadSettings(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Settings> {
  const { config, rest } = takeConfig(argv, environment);
  const preliminary = readSettings({ flags: rest, environment });
  const name = config ?? join(preliminary.data, 'sluice.yml');
  const text = await readFileIfThere(name, config !== undefined);
  const settings =
    text === null ? preliminary : readSettings({ flags: rest, environment, file: { name, text } });
  return { ...settings, data: resolve(settings.data) };
}

function takeConfig(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): { config: string | undefined; rest: string[] } {
  const rest = [...argv];
  let config = environment['SLUICE_CONFIG'];
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? '';
    if (word === '--config') {
      const [, value] = rest.splice(index, 2);
      if (value === undefined) throw new SluiceError('invalid', '--config needs a file name.');
      config = value;
      index -= 1;
    } else if (word.startsWith('--config=')) {
      config = word.slice('--config='.length);
      rest.splice(index, 1);
      index -= 1;
    }
  }
  return { config, rest };
}

async function readFileIfThere(name: string, required: boolean): Promise<string | null> {
  try {
    return await readFile(name, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && !required) return null;
    const why = error instanceof Error ? error.message : String(error);
    throw new SluiceError('invalid', `The settings file ${name} cannot be read: ${why}`);
  }
}
