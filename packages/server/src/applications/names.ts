import { SluiceError } from '../errors.ts';
import type { ReleaseCommand, RequireBuild } from './types.ts';

/** Messages by field; several can be collected before one error is thrown. */
export type FieldErrors = Record<string, string[]>;

const UNPRINTABLE = /\p{C}/u;
const APPLICATION_SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
/** With the longest application slug and a hyphen it still fits into one label of a host name (63). */
const ENVIRONMENT_SLUG = /^[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
const MAX_VALUE_BYTES = 128 * 1024;

export const NAMES = {
  name: (text: string): string | null => {
    if (text.trim() === '') return 'This field may not be blank.';
    if (text.trim().length > 100) return 'Use at most 100 characters.';
    return UNPRINTABLE.test(text) ? 'Control characters are not allowed.' : null;
  },
  applicationSlug: (text: string): string | null => {
    if (!APPLICATION_SLUG.test(text)) {
      return 'Use 1 to 40 lower-case letters, digits and inner hyphens.';
    }
    return /^\d+$/.test(text) ? 'Digits alone would be taken for a website id.' : null;
  },
  environmentSlug: (text: string): string | null =>
    ENVIRONMENT_SLUG.test(text)
      ? null
      : 'Use 1 to 20 lower-case letters, digits and inner hyphens.',
  branch: (text: string): string | null =>
    isBranchName(text) ? null : 'This is not a name that git allows for a branch.',
  variable: (text: string): string | null =>
    VARIABLE.test(text) ? null : 'Use letters, digits and underscores, not a digit first.',
  value: (text: string): string | null => {
    if (text.includes('\0')) return 'A NUL character cannot be passed to a program.';
    return Buffer.byteLength(text) > MAX_VALUE_BYTES ? 'Use at most 128 KiB.' : null;
  },
};

/** The rules of `git check-ref-format --branch`, and no leading hyphen, which programs would take for an option. */
function isBranchName(text: string): boolean {
  if (text === '' || text.length > 200 || text === '@' || text === 'HEAD') return false;
  if (/[\p{C}\s~^:?*[\\]|\.\.|@\{|\/\//u.test(text)) return false;
  if (/^[-/]|[/.]$/.test(text)) return false;
  return text.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

export function checkReleaseCommands(commands: readonly ReleaseCommand[]): string | null {
  if (commands.length > 50) return 'Use at most 50 commands.';
  for (const { label, command } of commands) {
    if (NAMES.name(label) !== null) return `The label ${JSON.stringify(label)} cannot be used.`;
    if (command.trim() === '' || command.length > 4_000 || command.includes('\0')) {
      return `The command of "${label}" is empty, too long or contains NUL.`;
    }
  }
  return null;
}

export function readRequireBuild(text: string): RequireBuild {
  if (text === 'auto' || text === 'on' || text === 'off') return text;
  throw fieldError('require_build', 'Use auto, on or off.');
}

export const fieldError = (field: string, text: string): SluiceError =>
  new SluiceError('invalid', text, { fields: { [field]: [text] } });

/** Throws `invalid` with what `check` says of the text. */
export function require(
  field: string,
  text: string,
  check: (text: string) => string | null,
): string {
  const complaint = check(text);
  if (complaint !== null) throw fieldError(field, complaint);
  return text;
}
