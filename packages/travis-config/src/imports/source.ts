/** A file to be imported (spec 10). */
export interface ImportSource {
  /** `owner/name` of another repository; null for the importing one. */
  repository: string | null;
  /** Inside the repository, without a leading `./`. */
  path: string;
  /** Branch, tag or commit; null for the default branch, or the importing file's commit. */
  ref: string | null;
}

/** The most files one build may import, nested ones included. */
export const maxImports = 25;

/**
 * Reads `path.yml`, `owner/repo:path.yml@ref` and what lies between. Null for anything else: only `.yml`,
 * `.yaml` and `.json` files inside the repository can be imported.
 */
export function parseImportSource(source: string): ImportSource | null {
  const found = /^(?:([\w.-]+\/[\w.-]+):)?([^@:\s]+)(?:@([^\s@]+))?$/.exec(source.trim());
  if (!found) return null;
  const [, repository = null, written = '', ref = null] = found;
  const path = inside(written);
  if (path === null || !/\.(?:ya?ml|json)$/i.test(path)) return null;
  return { repository, path, ref };
}

/** The path without `.` and `..`; null when it leaves the repository. */
function inside(path: string): string | null {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.length > 0 ? parts.join('/') : null;
}
