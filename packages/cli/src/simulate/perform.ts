import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiError, type Deployment } from '@sluice/contract';
import type { Doors } from './doors.ts';
import type { DeedRecord } from './record.ts';
import type { GitRemote, StormRepository } from './repository.ts';
import type { OwnServer } from './server.ts';
import type { Action } from './storm.ts';

export interface Performing {
  readonly doors: Doors;
  readonly repository: StormRepository;
  readonly remote: () => GitRemote;
  readonly environment: string;
  readonly server: OwnServer | null;
  readonly onDeed: (deed: DeedRecord) => void;
  readonly begunAt: number;
  readonly interruption: AbortSignal;
}

interface Done {
  readonly deployment?: string | null;
  readonly commit?: string | null;
}

/**
 * Does all that a storm holds, each at its time. Pushes and crashes keep their order; signals do not wait for
 * anybody. A refusal is recorded, not thrown: what it means is for the promises to say.
 */
export async function perform(work: Performing, actions: readonly Action[]): Promise<DeedRecord[]> {
  const keys = new Map<string, string>();
  let pushes: Promise<unknown> = Promise.resolve();
  let crashes: Promise<unknown> = Promise.resolve();

  const act = async (action: Action): Promise<Done> => {
    switch (action.do) {
      case 'push':
      case 'force-push':
        await insistOnPush(work, action);
        return {};
      case 'signal': {
        const sha = action.commit === null ? null : work.repository.sha(action.commit);
        const key = action.key === null ? randomUUID() : keyOf(keys, action.key);
        const told = await work.doors.signal(action.door, { sha, key });
        return { deployment: told.deployment, commit: nameOf(work, told.sha) };
      }
      case 'rollback': {
        const made = await rollBack(work);
        return { deployment: made.uuid, commit: nameOf(work, made.commit) };
      }
      case 'resume': {
        const { client, insist } = work.doors;
        const { deployment } = await insist(() => client.environments.resume(work.environment));
        return { deployment: deployment?.uuid ?? null };
      }
      case 'crash':
        await work.server?.crash();
        return {};
    }
  };

  const record = async (action: Action): Promise<DeedRecord> => {
    const sentAt = Date.now();
    const done = await act(action).then(
      (told) => ({ ...told, refusal: null }),
      (error: unknown) => {
        // Without a server nothing that follows means anything.
        if (action.do === 'crash') throw error;
        return { refusal: wordsOf(error) };
      },
    );
    const deed = {
      ...{ action, sentAt, answeredAt: Date.now(), deployment: null, commit: null },
      ...done,
    };
    work.onDeed(deed);
    return deed;
  };

  return Promise.all(
    actions.map(async (action) => {
      await pause(Math.max(0, work.begunAt + action.at - Date.now()), undefined, {
        signal: work.interruption,
      });
      if (action.do === 'signal' || action.do === 'rollback' || action.do === 'resume')
        return record(action);
      const turn = (action.do === 'crash' ? crashes : pushes).then(() => record(action));
      if (action.do === 'crash') crashes = turn;
      else pushes = turn;
      return turn;
    }),
  );
}

/** A rollback has no key: where the answer of one was lost, the hold that it set tells which deployment it is. */
async function rollBack({ doors, environment }: Performing): Promise<Deployment> {
  const { environments, deployments } = doors.client;
  const reason = `the storm wants it (${randomUUID()})`;
  let isFirst = true;
  return doors.insist(async () => {
    const hold = isFirst ? null : (await environments.get(environment)).hold;
    isFirst = false;
    if (hold === null || hold.reason !== reason)
      return environments.rollback(environment, { reason });
    const { results } = await deployments.list({ environment, pageSize: 1_000 });
    const made = results.findLast((one) => Date.parse(one.started_at) >= Date.parse(hold.since));
    if (made === undefined) throw new Error('a hold was set without a rollback');
    return made;
  });
}

const PUSH_TRIES = 200;

/** A server that is killed in the middle of a push takes it at the next try. */
async function insistOnPush(
  { repository, remote, server }: Performing,
  action: Extract<Action, { do: 'push' | 'force-push' }>,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await repository.push(
        remote(),
        action.commit,
        action.branch,
        action.do === 'force-push',
      );
    } catch (error) {
      if (
        server === null ||
        /rejected|protected|denied/.test(wordsOf(error)) ||
        tries >= PUSH_TRIES
      )
        throw error;
      await pause(200);
    }
  }
}

function keyOf(keys: Map<string, string>, name: string): string {
  const key = keys.get(name) ?? randomUUID();
  keys.set(name, key);
  return key;
}

const nameOf = ({ repository }: Performing, sha: string | null) =>
  sha === null ? null : (repository.name(sha) ?? sha);

const wordsOf = (error: unknown): string =>
  error instanceof ApiError
    ? `${error.status} ${error.reason ?? ''} ${error.message}`
    : error instanceof Error
      ? error.message
      : String(error);
