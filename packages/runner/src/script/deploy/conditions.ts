import type { JobPayload } from '@sluice/contract';
import { flag, isMap, languageOf, text, texts } from '../config.ts';

/** What stands in a deploy entry's way already, and what only the job's shell can tell (spec/travis.md 7.2). */
export interface DeployConditions {
  /** One reason for each condition that does not hold; empty: all that is known beforehand holds. */
  unmet: string[];
  /** Texts for `[[ ... ]]`, all of which must hold. */
  shell: string[];
}

/** Keys of `on` that are not versions of a language. */
const NOT_RUNTIMES = new Set(['repo', 'branch', 'all_branches', 'tags', 'condition', 'os']);
const RUNTIME_ALIASES: Record<string, string> = { node: 'node_js', ruby: 'rvm' };

export function deployConditions(
  entry: Record<string, unknown>,
  payload: JobPayload,
): DeployConditions {
  const on = onOf(entry);
  const { build, repository, config } = payload;
  const unmet: string[] = [];
  const repo = text(on['repo']);
  if (repo !== null && repo !== repository.slug) {
    unmet.push(`this repository is ${repository.slug}, not ${repo}`);
  }
  const tagsWritten = text(on['tags']) !== null;
  const tags = flag(on['tags'], false);
  if (tagsWritten && tags && build.tag === null) unmet.push('this is not a tagged commit');
  if (tagsWritten && !tags && build.tag !== null) unmet.push('this is a tagged commit');
  if (!tags && !flag(on['all_branches'], false)) {
    const written = branchNames(on['branch']);
    const defaults = [
      ...new Set(['master', ...(repository.defaultBranch ? [repository.defaultBranch] : [])]),
    ];
    const allowed = written.length > 0 ? written : defaults;
    if (!allowed.includes(build.branch)) {
      unmet.push(`the branch is ${build.branch}, not ${allowed.join(' or ')}`);
    }
  }
  const os = text(on['os']);
  if (os !== null && os !== 'linux') unmet.push(`the operating system is linux, not ${os}`);
  for (const [written, value] of Object.entries(on)) {
    if (NOT_RUNTIMES.has(written)) continue;
    const key = RUNTIME_ALIASES[written] ?? written;
    const wanted = text(value);
    const actual = text(config[key]);
    if (wanted !== null && wanted !== actual) {
      unmet.push(
        `${written} is ${actual ?? `not set in this ${languageOf(config)} job`}, not ${wanted}`,
      );
    }
  }
  return { unmet, shell: texts(on['condition']) };
}

/** `on` as a map; a plain string means a branch. YAML 1.1 readers make the key `true`. */
function onOf(entry: Record<string, unknown>): Record<string, unknown> {
  const on = entry['on'] ?? entry['true'];
  if (isMap(on)) return on;
  const branch = text(on);
  return branch === null ? {} : { branch };
}

/** A list of branches, or a map from branch to something (the old style). */
function branchNames(value: unknown): string[] {
  return isMap(value) ? Object.keys(value) : texts(value);
}
