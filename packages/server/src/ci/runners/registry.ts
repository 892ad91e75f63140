import { randomUUID } from 'node:crypto';
import type {
  HelloRequest,
  RegisterAnswer,
  RegisterRequest,
  RunnerMachine,
  RunnerView,
  StateRequest,
} from '@sluice/contract';
import { SluiceError } from '../../errors.ts';
import type { RunnerRow } from '../../store/schema/runners.ts';
import { type Context, isoTime } from '../dependencies.ts';
import type { Sweeper } from '../sweep.ts';
import { redeem } from './registrations.ts';
import { hashRunnerToken, newRunnerToken } from './tokens.ts';
import { embeddedView, runnerViews } from './views.ts';

/** Names that would be taken for the runner inside the server. */
const RESERVED = ['embedded'];
/** How exactly it is known when a runner was last heard of: each note costs a durable write. */
const SEEN_RESOLUTION_MS = 20_000;

/** Runners on other machines: who they are and what may be done with them. */
export interface Registry {
  list(): Promise<RunnerView[]>;
  /** Throws `not_found`, as `resume` and `remove` do. */
  pause(uuid: string, who: string): Promise<RunnerView>;
  resume(uuid: string, who: string): Promise<RunnerView>;
  /** Its token opens nothing from now on, and its jobs go back to the queue. */
  remove(uuid: string, who: string): Promise<void>;
  /** The runner that this token belongs to; null: none. Notes that it was heard of. */
  authenticate(token: string): Promise<RunnerRow | null>;
  /** Throws `unauthenticated` for a registration token that is no use. */
  register(token: string, request: RegisterRequest): Promise<RegisterAnswer>;
  /** A process begins: what an earlier one under the same identity held is void. */
  hello(runner: RunnerRow, request: HelloRequest): Promise<void>;
  /** Throws `conflict` when another process works as this runner by now. */
  tell(runner: RunnerRow, request: StateRequest): Promise<void>;
  /** Whether the job was handed to that runner, and not taken from it since. */
  holds(runner: RunnerRow, jobId: number): Promise<boolean>;
}

export function createRegistry(context: Context, sweeper: Sweeper): Registry {
  const { store, accounts } = context;
  const now = () => isoTime(context.now());

  const change = (uuid: string, verb: string, who: string, values: Partial<RunnerRow>) =>
    context.transact(async (trx, { wake }) => {
      const row = await trx
        .updateTable('runners')
        .set(values)
        .where('uuid', '=', uuid)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw new SluiceError('not_found', 'Not found.');
      await accounts.audit(trx, {
        actor: who,
        action: `runner.${verb}`,
        target: `runner:${uuid}`,
        details: { name: row.name },
      });
      wake('queue');
      return row;
    });
  const shown = async (row: RunnerRow): Promise<RunnerView> => {
    const [view] = await runnerViews(context, [row]);
    if (view === undefined) throw new SluiceError('not_found', 'Not found.');
    return view;
  };

  return {
    list: async () => [
      ...(await embeddedView(context)),
      ...(await runnerViews(
        context,
        await store.db.selectFrom('runners').selectAll().orderBy('name').execute(),
      )),
    ],
    pause: async (uuid, who) =>
      shown(await change(uuid, 'pause', who, { paused_at: now(), paused_by: who })),
    resume: async (uuid, who) =>
      shown(await change(uuid, 'resume', who, { paused_at: null, paused_by: null })),
    remove: async (uuid, who) => {
      await context.transact(async (trx, { wake }) => {
        const row = await trx
          .deleteFrom('runners')
          .where('uuid', '=', uuid)
          .returning('name')
          .executeTakeFirst();
        if (row === undefined) throw new SluiceError('not_found', 'Not found.');
        await accounts.audit(trx, {
          actor: who,
          action: 'runner.remove',
          target: `runner:${uuid}`,
          details: { name: row.name },
        });
        wake('queue');
      });
      await sweeper.voidLeasesOfRunner(uuid, 'removed');
    },

    authenticate: async (token) => {
      const row = await store.db
        .selectFrom('runners')
        .selectAll()
        .where('token_hash', '=', hashRunnerToken(token))
        .executeTakeFirst();
      if (row === undefined) return null;
      const seen = row.last_seen_at === null ? 0 : Date.parse(row.last_seen_at);
      if (context.now() - seen >= SEEN_RESOLUTION_MS) {
        await store.db
          .updateTable('runners')
          .set({ last_seen_at: now() })
          .where('uuid', '=', row.uuid)
          .execute();
      }
      return row;
    },

    register: (token, { name, ephemeral, machine }) =>
      store.transaction(async (trx) => {
        const registration = await redeem(trx, token, context.now());
        if (RESERVED.includes(name)) {
          throw new SluiceError('invalid', `A runner cannot be called ${name}.`, {
            remedy: 'Choose another name with --name.',
          });
        }
        const own = newRunnerToken('slr_');
        const row: RunnerRow = {
          uuid: randomUUID(),
          name,
          token_hash: hashRunnerToken(own),
          organisation_uuid: registration.organisation_uuid,
          ...columns(machine),
          ephemeral: ephemeral ? 1 : 0,
          ...{ instance: null, jobs_taken: 0, draining: 0, paused_at: null, paused_by: null },
          created_by: registration.created_by,
          created_at: now(),
          last_seen_at: null,
        };
        await trx.insertInto('runners').values(row).execute();
        await accounts.audit(trx, {
          actor: registration.created_by,
          action: 'runner.register',
          target: `runner:${row.uuid}`,
          details: { name, registration: registration.uuid, ephemeral },
        });
        return { uuid: row.uuid, name, token: own };
      }),

    hello: async (runner, { instance, machine }) => {
      await store.db
        .updateTable('runners')
        .set({ ...columns(machine), instance, draining: 0, last_seen_at: now() })
        .where('uuid', '=', runner.uuid)
        .execute();
      if (runner.instance !== instance) await sweeper.voidLeasesOfRunner(runner.uuid, 'replaced');
    },

    tell: async (runner, { instance, state, holding }) => {
      const known = await store.db
        .updateTable('runners')
        .set({ draining: 1, ...(state === 'draining' ? {} : { last_seen_at: null }) })
        .where('uuid', '=', runner.uuid)
        .where('instance', '=', instance)
        .returning('uuid')
        .executeTakeFirst();
      if (known === undefined) throw superseded(runner.name);
      await sweeper.restoreUnbegun(runner.uuid, holding);
      if (state !== 'gone') return;
      await store.transaction(async (trx) => {
        await trx.deleteFrom('runners').where('uuid', '=', runner.uuid).execute();
        const target = `runner:${runner.uuid}`;
        const details = { name: runner.name };
        await accounts.audit(trx, {
          actor: runner.created_by,
          action: 'runner.leave',
          target,
          details,
        });
      });
      await sweeper.voidLeasesOfRunner(runner.uuid, 'removed');
    },

    holds: async (runner, jobId) => {
      const job = await store.db
        .selectFrom('jobs')
        .select('id')
        .where('id', '=', jobId)
        .where('lease_runner_uuid', '=', runner.uuid)
        .executeTakeFirst();
      return job !== undefined;
    },
  };
}

export function superseded(name: string): SluiceError {
  return new SluiceError('conflict', `Another process works as the runner ${name} by now.`, {
    reason: 'runner_superseded',
    remedy: 'Give each process a --work-dir of its own, so that each is a runner of its own.',
  });
}

const columns = (machine: RunnerMachine) => ({
  os: machine.os,
  arch: machine.arch,
  labels: JSON.stringify(machine.labels),
  version: machine.version,
  executor: machine.executor,
  isolates: machine.isolates ? 1 : 0,
  concurrency: machine.concurrency,
});
