import { SluiceError } from '../../errors.ts';
import { isRefName } from '../names.ts';
import type { GitProcesses } from '../process.ts';
import { readRefs } from '../refs.ts';
import { explainFailure, failed } from './failures.ts';

export interface Remote {
  /** Path of the bare repository here. */
  readonly repository: string;
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Taken out of everything that git says. */
  readonly secrets: readonly string[];
}

export interface Listing {
  /** The branch that its HEAD names, if it says so. */
  readonly head: string | null;
  /** Branches and tags: full name -> the object it holds. */
  readonly refs: ReadonlyMap<string, string>;
}

const LIST_TIMEOUT_MS = 60_000;
const MOST_LISTING_BYTES = 256 * 1024 * 1024;

/** What the remote has, by one short question. Throws `unavailable` with a reason of failures.ts. */
export async function listRemote(git: GitProcesses, remote: Remote): Promise<Listing> {
  const text = await runRemote(git, remote, LIST_TIMEOUT_MS, [
    ...['ls-remote', '--symref', '--', remote.url],
    ...['HEAD', 'refs/heads/*', 'refs/tags/*'],
  ]);
  const refs = new Map<string, string>();
  let head: string | null = null;
  for (const line of text.split('\n')) {
    const [what = '', name = ''] = line.split('\t');
    const branch = /^ref: refs\/heads\/(.+)$/.exec(what)?.[1];
    if (name === 'HEAD') {
      if (branch !== undefined && isRefName(branch)) head = branch;
    } else if (/^refs\/(heads|tags)\//.test(name) && !name.endsWith('^{}')) refs.set(name, what);
  }
  return { head, refs };
}

/**
 * Brings all branches and tags, also rewound ones, and drops those that are gone there, all or nothing; answers the
 * branch that HEAD names. Nothing is transferred when nothing changed. A remote without any branch is refused while
 * there are some here: it was emptied, or is another repository.
 */
export async function fetchAll(git: GitProcesses, remote: Remote): Promise<string | null> {
  const listing = await listRemote(git, remote);
  const here = await readRefs(git, remote.repository);
  const isBranch = (name: string) => name.startsWith('refs/heads/');
  if (![...listing.refs.keys()].some(isBranch) && [...here.keys()].some(isBranch)) {
    throw failed(
      'emptied',
      `${remote.url} has no branches any more. What is here was kept.`,
      'Push the branches there again, or change the address.',
    );
  }
  const isSame =
    listing.refs.size === here.size &&
    [...listing.refs].every(([name, sha]) => here.get(name)?.sha === sha);
  if (isSame) return listing.head;
  await runRemote(git, remote, remote.timeoutMs, [
    ...['fetch', '--prune', '--no-tags', '--force', '--atomic', '--no-auto-gc'],
    ...['--no-write-fetch-head', '--no-recurse-submodules', '--quiet'],
    ...['--', remote.url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'],
  ]);
  return listing.head;
}

/** Brings one ref of the remote, such as `refs/pull/7/head`, under a name of ours. */
export async function fetchRef(
  git: GitProcesses,
  remote: Remote,
  from: string,
  to: string,
): Promise<void> {
  if (!isRefName(from) || !isRefName(to)) {
    throw new SluiceError('invalid', `${from} is not the name of a reference.`);
  }
  await runRemote(git, remote, remote.timeoutMs, [
    ...['fetch', '--no-tags', '--force', '--no-auto-gc', '--no-write-fetch-head'],
    ...['--no-recurse-submodules', '--quiet', '--', remote.url, `+${from}:${to}`],
  ]);
}

async function runRemote(
  git: GitProcesses,
  { repository, env, url, secrets }: Remote,
  timeoutMs: number,
  args: readonly string[],
): Promise<string> {
  try {
    return await git.text(args, { repository, env, timeoutMs, maxBytes: MOST_LISTING_BYTES });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const isMissing = error instanceof SluiceError && error.reason === 'git_missing';
    if (isMissing) throw error;
    // The original is left out as a cause: whoever logs errors would log a host's echo of a token with it.
    throw explainFailure(new Error(redact(words, secrets)), url);
  }
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 4)
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
    ])
    .reduce((clean, secret) => clean.replaceAll(secret, '[secure]'), text);
}
