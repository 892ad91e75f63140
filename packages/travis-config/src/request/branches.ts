import { RegexError, RegexSearch } from '../regex/index.ts';
import type { BuildConfig } from '../types.ts';

/** Branches not built unless `only` lists them. */
const neverBuilt = 'gh-pages';

/**
 * Whether a push to the branch (or of the tag) is built, a pull request's target likewise (spec 12). With
 * `only` the name must match it and `except` is ignored.
 */
export function isBranchBuilt(
  branches: BuildConfig['branches'],
  name: string,
  search: RegexSearch = new RegexSearch(),
): boolean {
  const only = branches?.only ?? [];
  if (only.length > 0) return only.some((entry) => matchesBranch(entry, name, search));
  if (name === neverBuilt) return false;
  return !(branches?.except ?? []).some((entry) => matchesBranch(entry, name, search));
}

/** `/re/` is searched in the name, anything else is equal to it. A broken expression matches nothing. */
export function matchesBranch(
  entry: string,
  name: string,
  search: RegexSearch = new RegexSearch(),
): boolean {
  const expression = /^\/([\s\S]*)\/$/.exec(entry)?.[1];
  if (expression === undefined) return entry === name;
  try {
    return search.test(expression, name);
  } catch (error) {
    if (error instanceof RegexError) return false;
    throw error;
  }
}
