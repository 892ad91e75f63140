import { randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Resolution } from '../../git/types.ts';
import type { Trx } from '../../store/index.ts';
import type { DeploymentRow, SignalRow } from '../../store/schema/deploy.ts';
import { createTurns } from '../../turns.ts';
import type { Decided } from '../ordering/types.ts';
import type { BuildMode } from '../pipeline-types.ts';
import type { EngineDeps, Who } from './context.ts';
import { type Described, describeEnvironment, noEnvironment } from './environment.ts';
import type { Fetcher } from './fetcher.ts';
import { toIso } from './rows.ts';
import type { Transit } from './transition.ts';
import type { Names } from './transition-types.ts';

export interface SignalInput {
  readonly environmentUuid: string;
  /** Full SHA, unambiguous prefix of 7 or more, tag or branch. Absent: the environment's branch. */
  readonly target?: string;
  readonly buildMode?: BuildMode;
  readonly via: 'v1' | 'v3' | 'cli' | 'panel' | 'auto' | 'resume';
  readonly identity: Who;
  readonly idempotencyKey?: string;
  readonly allowOffBranch?: boolean;
  readonly overrideHold?: boolean;
}

export interface Accepted {
  readonly deploymentUuid: string;
  /** It joined a deployment that was there, or repeats a signal by its key. */
  readonly joined: boolean;
}

const FULL_SHA = /^[0-9a-f]{40}$/i;
const PREFIX = /^[0-9a-f]{7,39}$/i;
/** A fetch that takes longer is waited for by the deployment, not by its caller (2.1). */
const FETCH_BEFORE_ACCEPTING_MS = 10_000;

/**
 * Accepts signals: resolves what they name and records them with the deployment that they belong to. Those of one
 * environment that name a full SHA keep the order in which they came to this server, however many connections the
 * database answers on; what has to be looked up first is overtaken meanwhile.
 */
export function createIntake(deps: EngineDeps, transit: Transit, fetcher: Fetcher) {
  const arrivals = createTurns();

  return async (input: SignalInput): Promise<Accepted> => {
    const arrivedAt = deps.now();
    // They read side by side, and go on one after the other.
    const reading = readBefore(deps, input);
    reading.catch(() => undefined);
    const { loaded, repeated } = await arrivals.take(input.environmentUuid, () => reading);
    if (repeated !== null) return { deploymentUuid: repeated, joined: true };
    const target = input.target?.trim() || null;
    const sha = await resolveTarget(deps, fetcher, loaded, target);
    try {
      const { decided, names } = await transit(
        input.environmentUuid,
        {
          kind: 'signal',
          arrivedAt,
          target,
          sha,
          mode: input.buildMode ?? 'AUTO',
          by: input.identity.email,
          allowOffBranch: input.allowOffBranch ?? false,
          overrideHold: input.overrideHold ?? false,
          // A person who asks answers for a commit that can make no build (2.3), by name or as the head.
          explicit: input.identity.isMachine === false,
        },
        {
          origin: { who: input.identity, via: input.via },
          also: (trx, named, made) => recordSignal(trx, input, named, made, { target, arrivedAt }),
        },
      );
      return acceptedAs(names, decided);
    } catch (error) {
      // Two calls with one key at the same moment: the other one was faster.
      const other = await byKey(deps, input);
      if (other !== null) return { deploymentUuid: other, joined: true };
      throw error;
    }
  };
}

function acceptedAs(names: Names, { answer }: Decided): Accepted {
  const number = 'number' in answer ? answer.number : null;
  const deploymentUuid = number === null ? null : names.uuidOf(number);
  if (deploymentUuid === null) throw new Error('a signal without a deployment');
  return { deploymentUuid, joined: answer.kind !== 'created' };
}

async function readBefore(deps: EngineDeps, input: SignalInput) {
  const loaded = await describeEnvironment(deps.store.db, input.environmentUuid);
  if (loaded.removed) throw noEnvironment();
  return { loaded, repeated: await byKey(deps, input) };
}

/** The deployment that an earlier signal with this key belongs to. Throws `conflict` where that one asked for something else. */
async function byKey({ store }: EngineDeps, input: SignalInput): Promise<string | null> {
  if (input.idempotencyKey === undefined) return null;
  const row = await store.db
    .selectFrom('signals as s')
    .innerJoin('deployments as d', 'd.uuid', 's.deployment_uuid')
    .select(['s.deployment_uuid', 's.target', 's.build_mode', 's.joined'])
    .select(['d.allow_off_branch', 'd.override_hold'])
    .where('s.environment_uuid', '=', input.environmentUuid)
    .where('s.idempotency_key', '=', input.idempotencyKey)
    .executeTakeFirst();
  if (!row) return null;
  const other = differs(row, input);
  if (other === null) return row.deployment_uuid;
  throw new SluiceError('conflict', `This idempotency key was used ${other}.`, {
    reason: 'idempotency_key_reused',
    remedy: 'Use a new key for a new request.',
  });
}

function differs(
  first: Pick<SignalRow, 'target' | 'build_mode' | 'joined'> &
    Pick<DeploymentRow, 'allow_off_branch' | 'override_hold'>,
  input: SignalInput,
): string | null {
  if (sameCase(first.target) !== sameCase(input.target?.trim() || null)) {
    return `for ${first.target ?? 'the head of the branch'}`;
  }
  if (first.build_mode !== (input.buildMode ?? 'AUTO')) {
    return `with the build mode ${first.build_mode}`;
  }
  // What one that joined had asked for is not kept with the deployment that it joined.
  if (first.joined === 1) return null;
  if (input.allowOffBranch === true && first.allow_off_branch === 0) {
    return 'without allow_off_branch';
  }
  return input.overrideHold === true && first.override_hold === 0 ? 'without override_hold' : null;
}

const sameCase = (target: string | null): string | null =>
  target !== null && FULL_SHA.test(target) ? target.toLowerCase() : target;

async function recordSignal(
  trx: Trx,
  input: SignalInput,
  names: Names,
  decided: Decided,
  { target, arrivedAt }: { target: string | null; arrivedAt: number },
): Promise<void> {
  const { deploymentUuid, joined } = acceptedAs(names, decided);
  await trx
    .insertInto('signals')
    .values({
      uuid: randomUUID(),
      environment_uuid: input.environmentUuid,
      deployment_uuid: deploymentUuid,
      target,
      build_mode: input.buildMode ?? 'AUTO',
      via: input.via,
      user_uuid: input.identity.userUuid,
      user_email: input.identity.email,
      idempotency_key: input.idempotencyKey ?? null,
      joined: joined ? 1 : 0,
      arrived_at: toIso(arrivedAt),
    })
    .execute();
}

/**
 * 2.1: what the signal names, resolved by a fetch that began after it arrived. Null: not resolvable yet
 * (the fetch failed or takes long) or a branch or tag that does not exist; the deployment then says so.
 */
async function resolveTarget(
  deps: EngineDeps,
  fetcher: Fetcher,
  loaded: Described,
  target: string | null,
): Promise<string | null> {
  if (target !== null && FULL_SHA.test(target)) return target.toLowerCase();
  const history = deps.git.history(loaded.repositoryUuid);
  if (loaded.mirror && !(await fetchedInTime(deps, fetcher, loaded.repositoryUuid))) return null;
  if (target === null) return history.head(loaded.branch);
  const found = await history.resolve(target);
  if ('sha' in found) return found.sha;
  if (found.kind === 'ambiguous' || PREFIX.test(target)) throw refuse(loaded, target, found);
  return null;
}

async function fetchedInTime(
  deps: EngineDeps,
  fetcher: Fetcher,
  repositoryUuid: string,
): Promise<boolean> {
  const asked = deps.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FETCH_BEFORE_ACCEPTING_MS);
  });
  await Promise.race([fetcher.fetch(repositoryUuid), late]);
  clearTimeout(timer);
  return (fetcher.last(repositoryUuid).began ?? 0) >= asked;
}

function refuse(loaded: Described, target: string, found: Resolution): SluiceError {
  const text =
    found.kind === 'ambiguous'
      ? `"${target}" is ambiguous in ${loaded.repositorySlug}: ${(found.candidates ?? []).join(', ')}.`
      : `${loaded.repositorySlug} has no commit ${target}.`;
  const remedy = 'Name the full SHA; a commit that is not here yet is then waited for.';
  return new SluiceError('invalid', text, {
    reason: found.kind === 'ambiguous' ? 'ambiguous_commit' : 'unknown_commit',
    fields: { commit: [`${text} ${remedy}`] },
    remedy,
  });
}
