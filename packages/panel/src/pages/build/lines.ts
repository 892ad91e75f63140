/** The file that messages are about when they name none. */
export const MAIN_FILE = '.travis.yml';

/** The part of an address that names a line of a build's configuration. */
export const lineId = (file: string, line: number): string => `${file}:${line}`;

/** Null for an address that names no line. */
export function readLineId(hash: string): { file: string; line: number } | null {
  const [, file, line] = /^(.+):(\d+)$/.exec(hash) ?? [];
  return file === undefined || line === undefined ? null : { file, line: Number(line) };
}
