import type { DeploymentRow } from '../../store/schema/deploy.ts';
import { troubleOf } from '../../store/trouble.ts';
import { performingLock } from '../locks.ts';
import type { Outcome } from '../ordering/types.ts';
import {
  FenceLost,
  type PipelineJob,
  type PipelineReporter,
  type PipelineResult,
  type StepName,
} from '../pipeline-types.ts';
import type { EngineDeps } from './context.ts';
import { logStream } from './deployment-log.ts';
import { sealVariables } from './started-with.ts';
import type { Transit } from './transition.ts';

interface Start {
  readonly deploymentUuid: string;
  readonly fence: number;
  readonly resumeFrom: StepName | null;
}

interface Running {
  readonly controller: AbortController;
  readonly done: Promise<void>;
  /** Before the release commands: can be stopped and done again. */
  early: boolean;
}

/** Hands deployments to the pipeline and brings its reports back as transitions. */
export interface Runner {
  start(start: Start): void;
  /** Wherever it runs. */
  abort(deploymentUuid: string): void;
  /** Whether this server performs it. */
  has(deploymentUuid: string): boolean;
  /** Resolves when nothing runs, or false when `timeoutMs` are over. */
  drain(timeoutMs: number): Promise<boolean>;
  /**
   * From now on no report counts: the next server goes on from the rows. Builds are stopped, they begin
   * again anyway; release commands and instances live outside this process and are adopted.
   */
  abandon(): void;
}

export function createRunner(deps: EngineDeps, transit: Transit): Runner {
  const running = new Map<string, Running>();
  let abandoned = false;
  const leaving = new AbortController();

  /** While it holds the lock no other server takes it over. */
  const run = async (start: Start, abort: AbortSignal): Promise<void> => {
    const row = await readRow(deps, start.deploymentUuid);
    if (!row) return;
    await deps.store.locks.hold(
      performingLock(row.environment_uuid),
      () => runAlone(row, start, abort),
      leaving.signal,
    );
  };

  const runAlone = async (row: DeploymentRow, start: Start, abort: AbortSignal): Promise<void> => {
    await sealVariables(deps, row);
    const result = await perform(row, start, abort);
    if (result === null || abandoned) return;
    await deps.debugPoint?.('pipeline:ended');
    await transit(
      row.environment_uuid,
      { kind: 'ended', number: row.number, outcome: outcomeOf(result) },
      { fence: start.fence },
    );
  };

  /** Null: somebody else runs it now, this server goes, or the database is away: it is taken up again (take-over.ts). */
  const perform = async (
    row: DeploymentRow,
    start: Start,
    abort: AbortSignal,
  ): Promise<PipelineResult | null> => {
    try {
      return await deps.pipeline.run(
        jobOf(row, start),
        reporterFor(deps, transit, row, start.fence, (status) => {
          if (abandoned) throw new FenceLost('this server is stopping');
          const one = running.get(row.uuid);
          if (one && status !== 'PROVISIONING' && status !== 'BUILDING') one.early = false;
        }),
        abort,
      );
    } catch (error) {
      if (error instanceof FenceLost || abandoned) return null;
      deps.onError(error, `deployment ${row.uuid}`);
      if (troubleOf(error) !== null) return null;
      const said = error instanceof Error ? error.message : String(error);
      return { ok: false, reasonCode: 'internal', reason: `Sluice itself failed: ${said}` };
    }
  };

  return {
    start: (start) => {
      if (abandoned) return;
      const controller = new AbortController();
      // The cancel may have come in at another server. The event only says to look: all channels are woken when a
      // connection to PostgreSQL was lost, and a look that fails then is repeated by the next such waking.
      const off = deps.store.events.on(abortChannel(start.deploymentUuid), () => {
        readRow(deps, start.deploymentUuid).then(
          (row) => {
            if (row?.cancel_requested_by != null) controller.abort();
          },
          (error: unknown) => deps.onError(error, `a cancel of ${start.deploymentUuid}`),
        );
      });
      const done = run(start, controller.signal)
        .catch((error: unknown) => {
          if (!(error instanceof FenceLost) && !abandoned)
            deps.onError(error, `deployment ${start.deploymentUuid}`);
        })
        .finally(() => {
          off();
          if (running.get(start.deploymentUuid)?.controller === controller)
            running.delete(start.deploymentUuid);
        });
      running.set(start.deploymentUuid, { controller, done, early: start.resumeFrom === null });
    },
    abort: (deploymentUuid) => deps.store.events.emit(abortChannel(deploymentUuid)),
    has: (deploymentUuid) => running.has(deploymentUuid),
    drain: async (timeoutMs) => {
      const all = Promise.all([...running.values()].map((one) => one.done)).then(() => true);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), timeoutMs);
      });
      const drained = await Promise.race([all, late]);
      clearTimeout(timer);
      return drained;
    },
    abandon: () => {
      abandoned = true;
      leaving.abort();
      for (const one of running.values()) if (one.early) one.controller.abort();
    },
  };
}

const abortChannel = (deploymentUuid: string): string => `abort:${deploymentUuid}`;

const readRow = ({ store }: EngineDeps, uuid: string): Promise<DeploymentRow | undefined> =>
  store.db.selectFrom('deployments').selectAll().where('uuid', '=', uuid).executeTakeFirst();

const jobOf = (row: DeploymentRow, start: Start): PipelineJob => ({
  deploymentUuid: row.uuid,
  applicationUuid: row.application_uuid,
  environmentUuid: row.environment_uuid,
  repositoryUuid: row.repository_uuid,
  sha: row.sha ?? '',
  buildMode: row.build_mode,
  rollbackReleaseUuid: row.rollback_release_uuid,
  fence: start.fence,
  resumeFrom: start.resumeFrom,
});

function reporterFor(
  deps: EngineDeps,
  transit: Transit,
  row: DeploymentRow,
  fence: number,
  before: (step: StepName) => void,
): PipelineReporter {
  const { number, environment_uuid: environmentUuid } = row;
  return {
    step: async (status, percent) => {
      before(status);
      await transit(environmentUuid, { kind: 'step', number, status }, { fence, percent });
      await deps.debugPoint?.(`step:${status}`);
    },
    commitSwitch: async (releaseUuid) => {
      before('CHECKING');
      const { decided } = await transit(
        environmentUuid,
        { kind: 'switch', number, releaseUuid },
        { fence },
      );
      await deps.debugPoint?.('switch:committed');
      return decided.answer.kind === 'switch' && decided.answer.committed;
    },
    log: async (text) => {
      await deps.store.logs.append(logStream(row.uuid), text);
    },
  };
}

const outcomeOf = (result: PipelineResult): Outcome =>
  result.ok
    ? { ok: true, releaseUuid: result.releaseUuid }
    : { ok: false, reasonCode: result.reasonCode, reason: result.reason };
