export const STATUS_PROVIDERS = ['github', 'gitlab', 'gitea', 'bitbucket'] as const;
export type StatusProvider = (typeof STATUS_PROVIDERS)[number];

export type StatusState = 'pending' | 'success' | 'failure' | 'error';

/** One context of one commit, as people see it at the host. */
export interface Status {
  readonly sha: string;
  readonly context: string;
  readonly state: StatusState;
  readonly description: string;
  readonly targetUrl: string;
}

export interface Target {
  readonly provider: StatusProvider;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly slug: string;
  readonly token: string;
}

export interface StatusRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

/** GitHub refuses longer ones. */
const LONGEST_DESCRIPTION = 140;

/** Pure: the call by which each host takes a commit status, as it documents it. */
export function statusRequest(target: Target, status: Status): StatusRequest {
  const { apiUrl, slug, token } = target;
  const { sha, context, state, targetUrl } = status;
  const description = shorten(status.description);
  const path = slug.split('/').map(encodeURIComponent).join('/');
  switch (target.provider) {
    case 'github':
      return {
        url: `${apiUrl}/repos/${path}/statuses/${sha}`,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
        },
        body: { state, context, description, target_url: targetUrl },
      };
    case 'gitea':
      return {
        url: `${apiUrl}/repos/${path}/statuses/${sha}`,
        headers: { authorization: `token ${token}` },
        body: { state, context, description, target_url: targetUrl },
      };
    case 'gitlab':
      return {
        url: `${apiUrl}/projects/${encodeURIComponent(slug)}/statuses/${sha}`,
        headers: { 'private-token': token },
        body: { state: GITLAB[state], name: context, description, target_url: targetUrl },
      };
    case 'bitbucket':
      return {
        url: `${apiUrl}/repositories/${path}/commit/${sha}/statuses/build`,
        headers: { authorization: bitbucketAuthorization(token) },
        body: {
          key: context.slice(0, 40),
          name: context,
          state: BITBUCKET[state],
          description,
          url: targetUrl,
        },
      };
  }
}

const GITLAB = {
  pending: 'running',
  success: 'success',
  failure: 'failed',
  error: 'failed',
} as const;
const BITBUCKET = {
  ...{ pending: 'INPROGRESS', success: 'SUCCESSFUL' },
  ...{ failure: 'FAILED', error: 'FAILED' },
} as const;

/** An access token stands alone; an app password comes with its user. */
function bitbucketAuthorization(token: string): string {
  return token.includes(':') ? `Basic ${Buffer.from(token).toString('base64')}` : `Bearer ${token}`;
}

function shorten(text: string): string {
  const line = text.replace(/\p{C}+/gu, ' ').trim();
  const characters = [...line];
  if (characters.length <= LONGEST_DESCRIPTION) return line;
  return `${characters.slice(0, LONGEST_DESCRIPTION - 1).join('')}…`;
}

/** What came of a call. `retry` after so many milliseconds, null: by the own back-off. */
export type Outcome =
  | { readonly kind: 'sent' }
  | { readonly kind: 'retry'; readonly afterMs: number | null; readonly error: string }
  | { readonly kind: 'give_up'; readonly error: string };

const LONGEST_PAUSE_MS = 60 * 60_000;

/** Pure: what an answer means. Nothing of its text is kept: it may hold anything, our token included. */
export function judgeAnswer(
  status: number,
  headers: { get(name: string): string | null },
  now: number,
): Outcome {
  if (status >= 200 && status <= 299) return { kind: 'sent' };
  const error = `The host answered with HTTP ${status}${EXPLANATIONS[status] ?? '.'}`;
  const isRateLimit = status === 403 && headers.get('x-ratelimit-remaining') === '0';
  if (status === 429 || status >= 500 || status === 408 || isRateLimit) {
    return { kind: 'retry', afterMs: pauseOf(headers, now), error };
  }
  return { kind: 'give_up', error };
}

const EXPLANATIONS: Readonly<Record<number, string>> = {
  301: ': the repository has another name there now. Give that one.',
  401: ': the token is refused. Give a new one.',
  403: ': the token may not write commit statuses.',
  404: ': it knows no such repository or commit, or the token may not see it.',
  422: ': it does not take this status.',
};

/** `Retry-After` in seconds or as a date, or when GitHub's window ends. */
function pauseOf(headers: { get(name: string): string | null }, now: number): number | null {
  const after = headers.get('retry-after')?.trim();
  const reset = headers.get('x-ratelimit-reset')?.trim();
  const ms =
    after !== undefined && after !== ''
      ? /^\d+$/.test(after)
        ? Number(after) * 1_000
        : Date.parse(after) - now
      : reset !== undefined && headers.get('x-ratelimit-remaining') === '0'
        ? Number(reset) * 1_000 - now
        : Number.NaN;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1_000), LONGEST_PAUSE_MS) : null;
}
