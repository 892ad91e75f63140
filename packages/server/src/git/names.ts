import { SluiceError } from '../errors.ts';

const SHA = /^[0-9a-f]{40}$/;
const SLUG_PART = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be refused
const FORBIDDEN_IN_REFS = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|^\/|\/$/;
/** Longer names do not fit into a file name on every file system once `.lock` is added. */
const LONGEST_REF_BYTES = 244;

export function isSha(text: string): boolean {
  return SHA.test(text);
}

/** `organisation/application`, each part fit for a path and a URL. */
export function isSlug(text: string): boolean {
  const parts = text.split('/');
  return (
    parts.length === 2 &&
    parts.every((part) => SLUG_PART.test(part) && !part.includes('..') && !part.endsWith('.git'))
  );
}

/** The rules of `git check-ref-format`, for a full name or for what follows `refs/heads/`. */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || FORBIDDEN_IN_REFS.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/**
 * Why a pushed ref is refused, null when it is fine. Stricter than git: names that would be taken for an
 * option, for a commit or for HEAD cause trouble in every script that meets them later.
 */
export function refusedRef(ref: string): string | null {
  const match = /^refs\/(heads|tags|notes)\/(.+)$/su.exec(ref);
  const name = match?.[2];
  if (name === undefined) return 'only branches, tags and notes can be pushed';
  if (!isRefName(ref) || ref.includes('\uFFFD')) return 'the name is not valid';
  if (Buffer.byteLength(ref) > LONGEST_REF_BYTES) return 'the name is too long';
  if (name.startsWith('-')) return 'the name starts with a dash';
  if (name === 'HEAD' || /^[0-9a-f]{40}$/i.test(name))
    return 'the name could be taken for a commit';
  return null;
}

/** `refs/heads/x` -> `x`; null for refs that are not branches. */
export function branchOf(ref: string): string | null {
  return ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
}

/**
 * A path inside a commit: relative, no empty, `.` or `..` parts. Throws `invalid`.
 */
export function assertPathInCommit(path: string): void {
  const bad = path.includes('\0') || path.split('/').some((part) => ['', '.', '..'].includes(part));
  if (bad) {
    throw new SluiceError('invalid', `Not a path inside a repository: ${JSON.stringify(path)}.`);
  }
}
