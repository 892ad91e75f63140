import type { IncomingMessage, ServerResponse } from 'node:http';
import { SluiceError } from '../../errors.ts';
import { explainSpawn, type GitProcesses, killGroup } from '../process.ts';
import { splitCgi } from './cgi.ts';

export interface BackendCall {
  /** The directory that holds the bare repositories, and the one's name in it. */
  readonly root: string;
  readonly name: string;
  readonly resource: string;
  readonly remoteUser: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends a transfer in which not a byte has moved for so long. */
  readonly idleTimeoutMs: number;
}

const LONGEST_STDERR = 16 * 1024;
const GRACE_MS = 10_000;

/**
 * Lets `git http-backend` answer a request. Both bodies are streamed with back pressure: a push of any size takes
 * a few chunks of memory here. A client that goes away takes the process with it.
 *
 * Throws `unavailable` while nothing was answered yet; later trouble only cuts the answer short, as HTTP wants it.
 */
export async function serveBackend(
  git: GitProcesses,
  req: IncomingMessage,
  res: ServerResponse,
  call: BackendCall,
): Promise<void> {
  const child = git.spawn(['http-backend'], { ...cgiEnvironment(req, call), ...call.env });
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes to git');

  let words = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    if (words.length < LONGEST_STDERR) words += text;
  });
  const ended = new Promise<SluiceError | null>((resolve) => {
    child.once('error', (error) => resolve(explainSpawn(error, 'git')));
    child.once('close', () => resolve(null));
  });

  const idle = setTimeout(() => killGroup(child), call.idleTimeoutMs);
  let grace: NodeJS.Timeout | undefined;
  const head = splitCgi(({ status, headers }) => {
    res.statusCode = status;
    for (const [name, value] of headers) res.setHeader(name, value);
  });

  /**
   * The client is gone. The end of its input makes git remove what it has received; so that it can, it is neither
   * killed at once nor does it lose its output (a broken pipe kills `receive-pack` beside a busy `index-pack`).
   */
  const abandon = () => {
    req.unpipe(stdin);
    stdin.end();
    stdout.unpipe(head);
    if (call.resource === 'git-receive-pack') stdout.resume();
    else stdout.destroy();
    grace ??= setTimeout(() => killGroup(child), GRACE_MS);
  };
  const answered = new Promise<void>((resolve, reject) => {
    head.once('error', reject);
    res.once('finish', resolve);
    res.once('close', () => {
      if (!res.writableFinished) abandon();
      resolve();
    });
  });

  // git may answer and stop reading before the request is complete (a push above the limit). The rest is read and
  // thrown away, since the client would otherwise see a broken connection instead of the answer.
  stdin.on('error', () => {
    req.unpipe(stdin);
    req.resume();
  });
  req.pipe(stdin);
  stdout.pipe(head).pipe(res);
  req.on('data', () => idle.refresh());
  head.on('data', () => idle.refresh());
  try {
    await answered;
    req.unpipe(stdin);
    req.resume();
    await ended;
  } catch (cause) {
    const failure = await ended;
    throw (
      failure ??
      new SluiceError('unavailable', `git http-backend gave no answer. ${words.trim()}`.trim(), {
        reason: 'git_failed',
        cause,
      })
    );
  } finally {
    clearTimeout(idle);
    clearTimeout(grace);
  }
}

function cgiEnvironment(req: IncomingMessage, call: BackendCall): Record<string, string> {
  const query = (req.url ?? '').split('?', 2)[1] ?? '';
  const env: Record<string, string> = {
    GATEWAY_INTERFACE: 'CGI/1.1',
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROJECT_ROOT: call.root,
    PATH_INFO: `/${call.name}/${call.resource}`,
    QUERY_STRING: query,
    REQUEST_METHOD: req.method ?? 'GET',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REMOTE_USER: call.remoteUser,
    REMOTE_ADDR: req.socket.remoteAddress ?? '',
  };
  const copy = (header: string, name: string) => {
    const value = req.headers[header];
    if (typeof value === 'string') env[name] = value;
  };
  copy('content-type', 'CONTENT_TYPE');
  // No CONTENT_LENGTH: told one, http-backend reads that many bytes and spins for ever where the body ends before
  // (a server killed in mid-push). Without it, git reads the body itself and sees where it ends.
  copy('content-encoding', 'HTTP_CONTENT_ENCODING');
  copy('git-protocol', 'GIT_PROTOCOL');
  return env;
}
