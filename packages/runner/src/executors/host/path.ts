import type { Installation } from '../../toolchains/index.ts';

export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const SYSTEM = new Set(SYSTEM_PATH.split(':'));

/**
 * The newest of every tool that the system's directories do not have, for jobs of any language: a Python project
 * may well call `cargo`. They stand after the system's own directories, so nothing there changes its meaning.
 */
export function toolchainPath(toolchains: readonly Installation[]): string[] {
  const directories = new Map<string, string>();
  for (const one of toolchains) {
    if (SYSTEM.has(one.bin)) directories.set(one.tool, '');
    else if (!directories.has(one.tool)) directories.set(one.tool, one.bin);
  }
  return [...new Set([...directories.values()].filter((path) => path !== ''))];
}
