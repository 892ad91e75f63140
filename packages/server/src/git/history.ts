import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLru, type Lru } from '../lru.ts';
import {
  createFirstParentLines,
  type FirstParentLine,
  type KeptLines,
} from './first-parent-line.ts';
import { isRefName, isSha } from './names.ts';
import type { GitProcesses } from './process.ts';
import { peel, peelAll } from './refs.ts';
import type { History, Resolution } from './types.ts';

const PREFIX = /^[0-9a-f]{7,39}$/;
const MOST_CANDIDATES = 10;
const MOST_OBJECTS = 1_000;
/** A walk over a long history without a commit graph may take a while on a busy machine. */
const WALK_TIMEOUT_MS = 120_000;

/**
 * Facts that can never change once both commits are here (a commit's ancestors are part of its hash), so they
 * are kept in memory and shared by all `History` objects of one repository.
 */
export interface HistoryCache {
  readonly present: Lru<true>;
  readonly ancestry: Lru<boolean>;
  readonly depths: Lru<number>;
  readonly lines: KeptLines;
  readonly settledLines: Map<string, FirstParentLine>;
}

export function createHistoryCache(): HistoryCache {
  return {
    present: createLru(20_000),
    ancestry: createLru(20_000),
    depths: createLru(20_000),
    lines: new Map(),
    settledLines: new Map(),
  };
}

export function createHistory(
  git: GitProcesses,
  repository: string,
  cache: HistoryCache = createHistoryCache(),
): History {
  const list = async (args: readonly string[]): Promise<string[]> => {
    const text = await git.text(args, {
      repository,
      timeoutMs: WALK_TIMEOUT_MS,
      maxBytes: 512 * 1024 * 1024,
    });
    return text === '' ? [] : text.split('\n');
  };

  const refSha = async (ref: string): Promise<string | null> => {
    if (!isRefName(ref)) return null;
    const loose = await looseRef(repository, ref);
    if (loose !== null) return loose;
    const { status, stdout } = await git.run(['show-ref', '--verify', '--hash', '--', ref], {
      repository,
      statuses: [0, 1, 128],
    });
    return status === 0 ? stdout.toString('utf8').trim() : null;
  };

  const refCommit = async (ref: string): Promise<string | null> => {
    const sha = await refSha(ref);
    return sha === null ? null : peel(git, repository, sha);
  };

  const present = async (sha: string): Promise<boolean> => {
    if (!isSha(sha)) return false;
    if (cache.present.get(sha) === true || lines.has(sha)) return true;
    const { stdout, status } = await git.run(['cat-file', '-t', sha], {
      repository,
      statuses: [0, 1, 128],
    });
    const is = status === 0 && stdout.toString('utf8').trim() === 'commit';
    if (is) cache.present.set(sha, true);
    return is;
  };

  const presentAmong = async (shas: readonly string[]): Promise<ReadonlySet<string>> => {
    const known = (sha: string) => cache.present.get(sha) === true || lines.has(sha);
    const asked = shas.filter((sha) => isSha(sha) && !known(sha));
    if (asked.length > 0) {
      const input = `${asked.join('\n')}\n`;
      const { stdout } = await git.run(['cat-file', '--batch-check'], { repository, input });
      for (const line of stdout.toString('utf8').split('\n')) {
        const [sha = '', type] = line.split(' ');
        if (type === 'commit') cache.present.set(sha, true);
      }
    }
    return new Set(shas.filter(known));
  };

  const isAncestor = async (a: string, b: string): Promise<boolean> => {
    if (!(await present(a)) || !(await present(b))) return false;
    if (a === b) return true;
    const key = `${a} ${b}`;
    const known = cache.ancestry.get(key) ?? lines.isAncestor(a, b);
    if (known !== null) return known;
    const { status } = await git.run(['merge-base', '--is-ancestor', '--', a, b], {
      repository,
      timeoutMs: WALK_TIMEOUT_MS,
      statuses: [0, 1],
    });
    cache.ancestry.set(key, status === 0);
    return status === 0;
  };

  /** How many first parents lie below a commit. */
  const depth = async (sha: string): Promise<number> => {
    const known = cache.depths.get(sha);
    if (known !== undefined) return known;
    const [count = '1'] = await list(['rev-list', '--first-parent', '--count', sha, '--']);
    const found = Number(count) - 1;
    cache.depths.set(sha, found);
    return found;
  };

  const lines = createFirstParentLines({ list, depth }, cache.lines, cache.settledLines);

  const head = (branch: string) => refSha(`refs/heads/${branch}`);

  /** The oldest commit of `tip`'s first-parent line from which `sha` can be reached; `sha` is below `tip`. */
  const landing = async (sha: string, tip: string): Promise<string> => {
    const range = ['--end-of-options', `${sha}..${tip}`, '--'];
    const line = await list(['rev-list', '--first-parent', '--parents', ...range]);
    const last = line.at(-1);
    // Nothing between them, or the line ends right above `sha`: it lies on the line itself.
    if (last === undefined || last.split(' ')[1] === sha) return sha;
    const descendants = new Set(await list(['rev-list', '--ancestry-path', ...range]));
    for (let index = line.length - 1; index >= 0; index -= 1) {
      const commit = line[index]?.slice(0, 40) ?? '';
      if (descendants.has(commit)) return commit;
    }
    return tip;
  };

  const mergedAt = async (sha: string, branch: string) => {
    const tip = await head(branch);
    if (tip === null) return null;
    const line = await lines.at(branch, tip);
    const known = line.positions.get(sha);
    if (known !== undefined && known <= line.depth) return { firstParentIndex: known };
    if (!(await isAncestor(sha, tip))) return null;
    const firstParentIndex = await depth(await landing(sha, tip));
    line.positions.set(sha, firstParentIndex);
    return { firstParentIndex };
  };

  const commitsWithPrefix = async (prefix: string): Promise<string[]> => {
    const objects = await list(['rev-parse', `--disambiguate=${prefix}`]);
    const commits = await peelAll(git, repository, objects.slice(0, MOST_OBJECTS));
    return [...new Set(commits.values())];
  };

  const resolve = async (given: string): Promise<Resolution> => {
    const text = given.trim();
    const hex = text.toLowerCase();
    if (isSha(hex)) {
      const sha = await peel(git, repository, hex);
      return sha === null ? { kind: 'unknown' } : { kind: 'commit', sha };
    }
    const qualified = /^refs\/(heads|tags)\//.exec(text);
    const found: { kind: 'branch' | 'tag' | 'commit'; sha: string; name: string }[] = [];
    const add = (kind: 'branch' | 'tag' | 'commit', sha: string | null, name: string) => {
      if (sha !== null) found.push({ kind, sha, name });
    };
    if (qualified !== null) {
      add(qualified[1] === 'heads' ? 'branch' : 'tag', await refCommit(text), text);
    } else {
      add('branch', await refCommit(`refs/heads/${text}`), `refs/heads/${text}`);
      add('tag', await refCommit(`refs/tags/${text}`), `refs/tags/${text}`);
      if (PREFIX.test(hex)) {
        for (const sha of await commitsWithPrefix(hex)) add('commit', sha, sha);
      }
    }
    const [first] = found;
    if (first === undefined) return { kind: 'unknown' };
    if (found.every((each) => each.sha === first.sha)) return { kind: first.kind, sha: first.sha };
    const candidates = found.slice(0, MOST_CANDIDATES).map((each) => each.name);
    return { kind: 'ambiguous', candidates };
  };

  return {
    present,
    presentAmong,
    resolve,
    head,
    isAncestor,
    mergedAt,
    branches: async () => {
      const refs = await list(['for-each-ref', '--format=%(refname)', 'refs/heads/']);
      return refs.map((ref) => ref.slice('refs/heads/'.length));
    },
    commitsBetween: async (liveSha, headSha, limit) => {
      if (!(await present(headSha))) return [];
      const excluded = liveSha !== null && (await present(liveSha)) ? [`^${liveSha}`] : [];
      const count = String(Math.max(0, Math.trunc(limit)));
      return list(['rev-list', '--topo-order', '-n', count, headSha, ...excluded, '--']);
    },
    graph: async (heads, without, limit) => {
      const known = await presentAmong([...new Set([...heads, ...without])]);
      const tips = heads.filter((sha) => known.has(sha));
      if (tips.length === 0) return [];
      const excluded = without.filter((sha) => known.has(sha)).map((sha) => `^${sha}`);
      const { stdout } = await git.run(
        ['rev-list', '--timestamp', '--parents', '-n', String(Math.trunc(limit)), '--stdin'],
        { repository, timeoutMs: WALK_TIMEOUT_MS, input: `${[...tips, ...excluded].join('\n')}\n` },
      );
      const lines = stdout.toString('utf8').split('\n');
      return lines
        .filter((line) => line !== '')
        .map((line) => {
          const [seconds = '0', sha = '', ...parents] = line.split(' ');
          return { sha, parents, committedAt: Number(seconds) * 1_000 };
        });
    },
  };
}

/**
 * A ref that has a file of its own, read without starting git: loose ones go before packed ones. Null for any other,
 * such as one that was packed or is stored otherwise; then git is asked.
 */
async function looseRef(repository: string, ref: string): Promise<string | null> {
  const text = await readFile(join(repository, ref), 'latin1').catch(() => '');
  return /^[0-9a-f]{40}\n?$/.test(text) ? text.slice(0, 40) : null;
}
