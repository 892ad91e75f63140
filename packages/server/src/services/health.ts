import type { Backing } from '../deploy/runtimes/backing.ts';
import { RuntimeFailure } from '../deploy/runtimes/runtime.ts';
import { kindOf } from './kinds/index.ts';
import type { Credentials, ServiceInstance } from './types.ts';

const PROBE_MS = 15_000;

/** Asks a service as its clients do. Null: it answers; else why it does not, one line. */
export async function whyUnreachable(
  backing: Backing,
  instance: ServiceInstance,
  credentials: Credentials,
): Promise<string | null> {
  const probe = kindOf(instance.kind).probe(credentials);
  if (probe === null) {
    return (await backing.hasVolume(instance.uuid)) ? null : 'Its volume is not there.';
  }
  const state = await backing.state(instance.uuid);
  if (state !== 'running')
    return state === 'down' ? 'Its container does not run.' : 'It has no container.';
  const timeout = AbortSignal.timeout(PROBE_MS);
  try {
    const { code, stderr } = await backing.exec(instance.uuid, { ...probe, signal: timeout });
    return code === 0 ? null : `It does not answer: ${lastLine(stderr) || `exit status ${code}`}`;
  } catch (error) {
    if (timeout.aborted) return `It did not answer within ${PROBE_MS / 1_000} seconds.`;
    // The engine refuses to run anything in what has just stopped.
    if (error instanceof RuntimeFailure && error.reasonCode === 'engine_refused')
      return error.message;
    throw error;
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
