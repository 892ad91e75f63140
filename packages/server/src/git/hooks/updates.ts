import { spawn } from 'node:child_process';
import { ABSENT, type HookRequest, type RefUpdate } from '../types.ts';

const MOST_UPDATES = 500;
const MOST_OPTIONS = 20;

export interface HookContext {
  readonly socketPath: string;
  readonly token: string;
  readonly repositoryUuid: string;
  readonly maxObjectBytes: number;
  readonly options: readonly string[];
}

/** What `handleHttp` gave to `git http-backend`, and that gave to us. */
export function hookContext(env: NodeJS.ProcessEnv): HookContext | null {
  const {
    SLUICE_HOOK_SOCKET: socketPath,
    SLUICE_PUSH_TOKEN: token,
    SLUICE_REPOSITORY: repositoryUuid,
    SLUICE_MAX_OBJECT_BYTES: maxObjectBytes,
  } = env;
  if (socketPath === undefined || token === undefined || repositoryUuid === undefined) return null;
  return {
    ...{ socketPath, token, repositoryUuid, maxObjectBytes: Number(maxObjectBytes ?? 0) },
    options: readOptions(env),
  };
}

/** What was said by `git push -o`, as git hands it to its hooks. */
function readOptions(env: NodeJS.ProcessEnv): string[] {
  const count = Math.min(Number(env['GIT_PUSH_OPTION_COUNT'] ?? 0), MOST_OPTIONS);
  return Array.from({ length: count }, (_, index) => env[`GIT_PUSH_OPTION_${index}`] ?? '');
}

/** The lines `<before> <after> <ref>` that git writes to a hook. A name that is not UTF-8 comes out with U+FFFD. */
export async function readUpdates(input: AsyncIterable<Buffer>): Promise<RefUpdate[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(chunk);
  const updates: RefUpdate[] = [];
  for (const line of Buffer.concat(chunks).toString('utf8').split('\n')) {
    if (line === '') continue;
    const before = line.slice(0, 40);
    const after = line.slice(41, 81);
    updates.push({ ref: line.slice(82), before, after, fastForward: true });
  }
  return updates;
}

/**
 * Marks the updates that take commits off a branch. Runs in the hook, since before they are accepted the new objects
 * can be seen only from inside git's quarantine.
 */
export async function judgeFastForward(updates: readonly RefUpdate[]): Promise<RefUpdate[]> {
  const judged: RefUpdate[] = [];
  for (const update of updates) {
    const { ref, before, after } = update;
    const isMove = before !== ABSENT && after !== ABSENT && ref.startsWith('refs/heads/');
    const fastForward =
      !isMove || (await git(['merge-base', '--is-ancestor', before, after])).status === 0;
    judged.push({ ...update, fastForward });
  }
  return judged;
}

/** Received objects above the limit, as lines for the pusher. 0 = no limit. */
export async function oversized(env: NodeJS.ProcessEnv, maxBytes: number): Promise<string[]> {
  const { GIT_QUARANTINE_PATH: quarantine } = env;
  if (maxBytes <= 0 || quarantine === undefined) return [];
  // Without the alternates only what this push brought is listed.
  const { status, stdout } = await git(
    [
      ...['cat-file', '--batch-all-objects', '--unordered'],
      '--batch-check=%(objectsize) %(objecttype) %(objectname)',
    ],
    { ...env, GIT_OBJECT_DIRECTORY: quarantine, GIT_ALTERNATE_OBJECT_DIRECTORIES: '' },
  );
  if (status !== 0) return ['the received objects could not be measured'];
  return stdout
    .split('\n')
    .filter((line) => Number(line.split(' ', 1)[0]) > maxBytes)
    .slice(0, 10)
    .map((line) => {
      const [size, type, name] = line.split(' ');
      return `${type} ${name} is ${size} bytes long, at most ${maxBytes} are allowed`;
    });
}

/** Request bodies for the server, each well below any limit on bodies: a push can move thousands of refs. */
export function requestsOf(context: HookContext, updates: readonly RefUpdate[]): HookRequest[] {
  const { token, repositoryUuid, options } = context;
  const requests: HookRequest[] = [];
  for (let from = 0; from < updates.length; from += MOST_UPDATES) {
    const some = updates.slice(from, from + MOST_UPDATES);
    requests.push({ token, repositoryUuid, updates: some, options });
  }
  return requests;
}

function git(
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ status: number; stdout: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...args], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 128, stdout }));
  });
}
