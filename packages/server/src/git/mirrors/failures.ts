import { SluiceError } from '../../errors.ts';

/**
 * Why a fetch failed, for programs. `auth`: the host refuses the token or key, or wants one; `gone`: there is no such
 * repository (many hosts say so too where a token may not see it); `moved`: it answers from another address;
 * `emptied`: it has no branches any more, and what is here was kept.
 */
export type FailureReason =
  | 'auth'
  | 'gone'
  | 'moved'
  | 'emptied'
  | 'host_key_changed'
  | 'host_down'
  | 'timeout'
  | 'certificate'
  | 'refused'
  | 'damaged'
  | 'other';

/** Those that another try cannot mend without somebody doing something. */
export const NEEDS_SOMEBODY: ReadonlySet<string> = new Set<FailureReason>([
  ...(['auth', 'gone', 'moved', 'host_key_changed', 'certificate', 'refused'] as const),
]);

interface Pattern {
  readonly reason: FailureReason;
  readonly matches: RegExp;
  readonly sentence: string;
  readonly remedy: string | null;
}

/** git's and ssh's words, the most telling first. Their messages are not translated: `LC_ALL` is C.UTF-8. */
const PATTERNS: readonly Pattern[] = [
  {
    reason: 'host_key_changed',
    matches: /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/,
    sentence: 'the host shows another key than before, and was refused',
    remedy: 'If the host changed its key, accept the new one; if not, somebody stands in between.',
  },
  {
    reason: 'auth',
    matches:
      /Authentication failed|returned error: 40[13]|could not read (Username|Password)|terminal prompts disabled|Permission denied|unable to read askpass|Invalid username or/i,
    sentence: 'the host refuses the credential, or wants one',
    remedy: 'Give a token that may read the repository, or add the deploy key at the host.',
  },
  {
    reason: 'gone',
    matches:
      /returned error: (404|410)|repository '[^']*' not found|Repository not found|does not appear to be a git repository|could not be found/i,
    sentence: 'the host has no such repository, or the credential may not see it',
    remedy: 'Check the address, and whether the token or deploy key may read this repository.',
  },
  {
    reason: 'moved',
    matches: /returned error: 30\d|unable to update url base from redirection/,
    sentence: 'the host answers from another address',
    remedy: 'Change the address of the repository to the new one.',
  },
  {
    reason: 'certificate',
    matches: /SSL certificate|certificate (verification|has expired)|server certificate/i,
    sentence: "the host's certificate cannot be trusted",
    remedy: 'The host needs a certificate that this machine trusts.',
  },
  {
    reason: 'timeout',
    matches: /Operation too slow|timed out|took longer than|Timeout, server/i,
    sentence: 'the host is too slow or does not answer',
    remedy: null,
  },
  {
    reason: 'host_down',
    matches:
      /Failed to connect|Could not resolve|Couldn't connect|Connection (refused|reset|closed)|No route to host|Network is unreachable|returned error: 5\d\d|Empty reply|unexpected disconnect|early EOF|hung up|Could not read from remote/i,
    sentence: 'the host does not answer as it should',
    remedy: null,
  },
  {
    reason: 'damaged',
    matches: /fsck|bad object|corrupt|invalid (index-pack|object)|index-pack failed/i,
    sentence: 'the host sent something that is not a sound repository',
    remedy: null,
  },
];

/** The reason in what was thrown or in git's words. Pure. */
export function explainFailure(error: unknown, url: string): SluiceError {
  if (error instanceof SluiceError && error.reason === 'git_missing') return error;
  const words = error instanceof Error ? error.message : String(error);
  if (error instanceof SluiceError) {
    if (error.code === 'invalid') return failed('refused', error.message, error.remedy, error);
    if (error.reason === 'unknown_host') return failed('host_down', error.message, null, error);
    if (isFailure(error)) return error;
  }
  const found = PATTERNS.find(({ matches }) => matches.test(words));
  const detail = lastLine(words);
  const { reason = 'other', sentence = 'git gave up', remedy = null } = found ?? {};
  return failed(reason, `Fetching ${url} failed: ${sentence} (${detail}).`, remedy, error);
}

export function failed(
  reason: FailureReason,
  message: string,
  remedy: string | null,
  cause?: unknown,
): SluiceError {
  return new SluiceError('unavailable', message, {
    reason: `fetch_${reason}`,
    ...(remedy === null ? {} : { remedy }),
    ...(cause === undefined ? {} : { cause }),
  });
}

/** `fetch_auth` -> `auth`. */
export function reasonOf(error: SluiceError): FailureReason {
  return (error.reason?.replace(/^fetch_/, '') ?? 'other') as FailureReason;
}

const isFailure = (error: SluiceError): boolean => error.reason?.startsWith('fetch_') ?? false;

/** What git adds to what ssh has said already. */
const NOT_TELLING =
  /^(Please make sure|and the repository exists|Could not read from remote repository)/;

function lastLine(words: string): string {
  const lines = words
    .split('\n')
    .map((line) => line.replace(/^(fatal|error|remote|ssh): */i, '').trim())
    .filter((line) => line !== '' && !NOT_TELLING.test(line));
  const telling = lines.at(-1)?.replace(/\.$/, '') ?? 'no further words';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a host's words must not reach a terminal as they are
  const line = telling.replace(/[\x00-\x1f\x7f]/g, '?');
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
