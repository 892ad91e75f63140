import { SluiceError } from '../errors.ts';
import { isRefName } from './names.ts';
import { configEnvironment, type GitProcesses } from './process.ts';

const FETCH_TIMEOUT_MS = 600_000;

export interface MirrorOptions {
  /** Lets tests fetch from paths of this machine and over plain http. */
  readonly allowLocalUrls: boolean;
}

/**
 * Checks the address of an outside repository. `https://` and `ssh://` (also `user@host:path`) only: git would
 * run programs for `ext::` and read any path of this machine for the rest. Throws `invalid`.
 */
export function assertMirrorUrl(url: string, { allowLocalUrls }: MirrorOptions): void {
  const refuse = (why: string) => {
    throw refusal(why);
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be refused
  if (url === '' || /[\x00-\x20\x7f]/.test(url)) refuse('it is empty or contains blanks');
  if (url.startsWith('-')) refuse('it starts with a dash');
  if (/^[^/]*::/.test(url)) refuse('it names a helper program');
  if (allowLocalUrls && (url.startsWith('/') || /^(file|http):\/\//.test(url))) return;
  const isScp = /^[A-Za-z0-9._-]+@[A-Za-z0-9][A-Za-z0-9.-]*:[^:]+$/.test(url);
  if (isScp) return;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw refusal('it is not a URL');
  }
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'ssh:')
    refuse('only https and ssh are allowed');
  if (parsed.hostname === '' || parsed.hostname.startsWith('-')) refuse('it names no host');
  if (parsed.password !== '') refuse('it contains a password');
}

function refusal(why: string): SluiceError {
  return new SluiceError('invalid', `The repository's address cannot be used: ${why}.`, {
    fields: { url: [`${why[0]?.toUpperCase()}${why.slice(1)}.`] },
    remedy: 'Use https://host/path.git or ssh://user@host/path.git.',
  });
}

/**
 * Brings all branches and tags of the outside repository, also rewound ones, and drops those that are gone there.
 * All or nothing. Answers the branch its HEAD names, if it says so. Throws `unavailable` (`fetch_failed`).
 */
export async function fetchMirror(
  git: GitProcesses,
  repository: string,
  url: string,
  options: MirrorOptions,
): Promise<string | null> {
  assertMirrorUrl(url, options);
  const env = {
    GIT_ALLOW_PROTOCOL: options.allowLocalUrls ? 'https:ssh:http:file' : 'https:ssh',
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=15 -oStrictHostKeyChecking=accept-new',
    ...configEnvironment([
      // A server that drips or falls silent is given up after half a minute.
      ['http.lowSpeedLimit', '500'],
      ['http.lowSpeedTime', '30'],
      ['fetch.fsckObjects', 'true'],
      ['fetch.unpackLimit', '1'],
    ]),
  };
  try {
    await git.run(
      [
        ...['fetch', '--prune', '--no-tags', '--force', '--atomic', '--no-auto-gc'],
        ...['--no-write-fetch-head', '--no-recurse-submodules', '--quiet'],
        ...['--', url, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'],
      ],
      { repository, env, timeoutMs: FETCH_TIMEOUT_MS },
    );
    const answer = await git.text(['ls-remote', '--symref', '--', url, 'HEAD'], {
      repository,
      env,
    });
    const branch = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(answer)?.[1];
    return branch !== undefined && isRefName(branch) ? branch : null;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.reason === 'git_missing') throw error;
    throw new SluiceError('unavailable', `Fetching ${url} failed: ${error.message}`, {
      reason: 'fetch_failed',
      cause: error,
    });
  }
}
