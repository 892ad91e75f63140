export interface HttpTarget {
  readonly url: string;
  /** From `https://user:password@...`, which fetch refuses. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Null: this is no address that can be posted to. */
export function readHttpTarget(text: string): HttpTarget | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  if (username === '' && password === '') return { url: url.href, headers: {} };
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { url: url.href, headers: { authorization } };
}

/**
 * Posts and is content with any 2xx. What it throws names neither the address nor the answer's text: the address may be a
 * secret, and the text is somebody else's.
 */
export async function post(
  target: HttpTarget,
  request: {
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  let status: number;
  try {
    const answer = await fetch(target.url, {
      method: 'POST',
      body: request.body,
      headers: { 'user-agent': 'Sluice', ...target.headers, ...request.headers },
      // A redirect would carry the payload to where nobody has asked for it.
      redirect: 'manual',
      signal: request.signal,
    });
    status = answer.status;
    await answer.body?.cancel();
  } catch (error) {
    throw new Error(`No answer: ${reasonOf(error)}`, { cause: error });
  }
  if (status < 200 || status > 299) throw new Error(`The receiver answered with HTTP ${status}.`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'it took too long';
  const { cause } = error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return 'the connection failed';
}
