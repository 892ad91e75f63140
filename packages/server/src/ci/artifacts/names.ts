import { SluiceError } from '../../errors.ts';

const LONGEST_PATH = 500;
const LONGEST_NAME = 200;

/**
 * The path of an artifact as it is kept and shown: relative, with slashes. What could lead out of a directory, or hides
 * what it is, is refused rather than mended, for whoever downloads it takes the name for the name of a file.
 */
export function artifactPath(given: string): string {
  const refuse = (why: string): never => {
    throw new SluiceError('invalid', `This cannot be the name of an artifact: it ${why}.`, {
      reason: 'artifact_name',
    });
  };
  if (given.length > LONGEST_PATH) return refuse(`is longer than ${LONGEST_PATH} characters`);
  // Control characters, and those that turn the direction of what follows: `cod.exe` for `exe.doc`.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(given))
    return refuse('holds characters that are not shown');
  if (given.includes('\\')) return refuse('holds a backslash');
  if (given.startsWith('/')) return refuse('is absolute');
  const names = given.split('/').filter((name) => name !== '' && name !== '.');
  if (names.length === 0) return refuse('is empty');
  if (names.includes('..')) return refuse('leads out of its directory');
  if (names.some((name) => name.length > LONGEST_NAME)) {
    return refuse(`has a part longer than ${LONGEST_NAME} characters`);
  }
  return names.join('/');
}
