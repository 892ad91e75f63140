import { randomUUID } from 'node:crypto';
import type { HelloAnswer, RunnerMachine } from '@sluice/contract';
import { connect, ProtocolError } from '../agent/connection.ts';
import { whileUnreachable } from '../agent/retry.ts';
import { createRunner, type RunnerEvent } from '../agent/runner.ts';
import type { Executor } from '../executors/executor.ts';
import { readdress } from './address.ts';
import type { Identity } from './identity.ts';

export interface RemoteRunnerOptions {
  identity: Identity;
  executor: Executor;
  machine: RunnerMachine;
  ephemeral: boolean;
  onEvent: (event: RunnerEvent) => void;
}

export interface RemoteRunner {
  readonly hello: HelloAnswer;
  /** Takes no more jobs and lets those that run end. */
  drain(): void;
  /** Gives back what runs. */
  giveBack(): void;
  /** Jobs that run now. */
  running(): number;
  /** Resolves when it has said good-bye; rejects with the reason when the server has no use for it. */
  readonly ended: Promise<void>;
}

/** Renewal is also how a runner hears of a cancel. The agent renews sooner where the lease is short. */
const RENEW_MS = 5_000;
/** The server is told by the way: it finds out by itself, only later. */
const GOODBYE_MS = 5_000;

/**
 * Works as a registered runner until it is drained. Waits for a server that cannot be reached; rejects with a
 * `ProtocolError` when it has no use for this runner.
 */
export async function startRemoteRunner(
  options: RemoteRunnerOptions,
  signal: AbortSignal,
): Promise<RemoteRunner> {
  const { identity, executor, machine, ephemeral, onEvent } = options;
  const connection = connect({ url: identity.server, token: identity.token });
  const instance = randomUUID();
  const hello = await whileUnreachable(() => connection.hello({ instance, machine }), signal);
  const runner = createRunner({
    ...{ connection, executor, onEvent, name: hello.name },
    concurrency: machine.concurrency,
    renewMs: RENEW_MS,
    remote: {
      ...{ instance, ephemeral: ephemeral || hello.ephemeral },
      adapt: (payload) => readdress(payload, identity.server),
    },
  });
  const tell = async (state: 'draining' | 'stopped' | 'gone') => {
    const limit = AbortSignal.timeout(GOODBYE_MS);
    await whileUnreachable(
      () => connection.tell({ instance, state, holding: runner.holding() }),
      limit,
    ).catch(() => undefined);
  };
  let draining: Promise<unknown> = Promise.resolve();
  const end = async () => {
    const failure = await runner.ended;
    await draining;
    if (failure === null) await tell(ephemeral || hello.ephemeral ? 'gone' : 'stopped');
    connection.close();
    if (failure !== null) throw failure;
  };
  runner.start();
  return {
    hello,
    ended: end(),
    running: runner.running,
    drain: () => {
      void runner.stop();
      draining = tell('draining');
    },
    giveBack: () => void runner.kill(),
  };
}

/** In words, with what to do; null for errors of another kind. */
export function explainEnd(error: unknown): string | null {
  if (!(error instanceof ProtocolError)) return null;
  if (error.kind === 'refused') {
    return `The server does not know this runner (any more): ${error.message}. Register it again: sluice runner register --token TOKEN.`;
  }
  return error.message;
}
