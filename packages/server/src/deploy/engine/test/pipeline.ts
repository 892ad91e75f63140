import { randomUUID } from 'node:crypto';
import type { Store } from '../../../store/index.ts';
import {
  type Pipeline,
  type PipelineJob,
  type PipelineReporter,
  type PipelineResult,
  STEP_NAMES,
  type StepName,
} from '../../pipeline-types.ts';

/** One run that the test holds in its hand. */
export interface Run {
  readonly job: PipelineJob;
  readonly abort: AbortSignal;
  /** Lets it go on to its end. Resolves when the engine has recorded that. */
  succeed(): void;
  fail(reason?: string): void;
  /** Goes through the steps up to this one and stays there. */
  reach(step: StepName): Promise<void>;
  switchOver(): Promise<boolean>;
}

/** A pipeline that builds nothing and does what the test says, with the rows that a real one writes. */
export class HandPipeline implements Pipeline {
  readonly runs: Run[] = [];
  /** When set, runs end by themselves: true goes live, false fails. */
  automatic: ((sha: string) => boolean) | null = null;
  private readonly store: Store;
  private waiters: (() => void)[] = [];

  constructor(store: Store) {
    this.store = store;
  }

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  /** The run of this commit, as soon as the engine starts it; `nth` of its runs, from 1. */
  async runOf(sha: string, nth = 1): Promise<Run> {
    for (;;) {
      const found = this.runs.filter((run) => run.job.sha === sha)[nth - 1];
      if (found) return found;
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  get startedShas(): string[] {
    return this.runs.map((run) => run.job.sha);
  }

  run(job: PipelineJob, reporter: PipelineReporter, abort: AbortSignal): Promise<PipelineResult> {
    return new Promise<PipelineResult>((resolve, reject) => {
      const releaseUuid = job.rollbackReleaseUuid ?? `release-${job.deploymentUuid}`;
      let reached = job.resumeFrom === null ? -1 : STEP_NAMES.indexOf(job.resumeFrom) - 1;
      let switched = false;
      const reach = async (step: StepName) => {
        for (const name of STEP_NAMES.slice(reached + 1, STEP_NAMES.indexOf(step) + 1)) {
          await reporter.step(name, 10 + 15 * STEP_NAMES.indexOf(name));
          reached = STEP_NAMES.indexOf(name);
        }
      };
      const switchOver = async () => {
        await reach('CHECKING');
        await this.keepRelease(job, releaseUuid);
        switched ||= await reporter.commitSwitch(releaseUuid);
        if (switched) await reach('FINALIZING');
        return switched;
      };
      const cancelled = {
        ok: false,
        reasonCode: 'cancelled',
        reason: 'cancelled',
        cancelled: true,
      } as const;
      const succeed = () => {
        switchOver()
          .then((ok) => resolve(ok ? { ok: true, releaseUuid } : cancelled))
          .catch(reject);
      };
      const fail = (reason = 'a release command failed') =>
        resolve({ ok: false, reasonCode: 'release_command_failed', reason });
      abort.addEventListener('abort', () => {
        if (!switched) resolve(cancelled);
      });
      this.runs.push({ job, abort, succeed, fail, reach, switchOver });
      for (const wake of this.waiters.splice(0)) wake();
      if (this.automatic) this.automatic(job.sha) ? succeed() : fail();
    });
  }

  private async keepRelease(job: PipelineJob, releaseUuid: string): Promise<void> {
    const now = new Date().toISOString();
    if (job.rollbackReleaseUuid !== null) {
      await this.store.db
        .updateTable('releases')
        .set({ live_at: now })
        .where('uuid', '=', releaseUuid)
        .execute();
      return;
    }
    const imageUuid = randomUUID();
    await this.store.transaction(async (trx) => {
      const known = await trx
        .selectFrom('releases')
        .select('uuid')
        .where('uuid', '=', releaseUuid)
        .executeTakeFirst();
      if (known) return;
      await trx
        .insertInto('images')
        .values({
          uuid: imageUuid,
          application_uuid: job.applicationUuid,
          sha: job.sha,
          inputs: 'test',
          state: 'ready',
          deployment_uuid: job.deploymentUuid,
          digest: null,
          plan: null,
          reason: null,
          created_at: now,
          finished_at: now,
        })
        .execute();
      await trx
        .insertInto('releases')
        .values({
          uuid: releaseUuid,
          application_uuid: job.applicationUuid,
          environment_uuid: job.environmentUuid,
          deployment_uuid: job.deploymentUuid,
          sha: job.sha,
          image_uuid: imageUuid,
          config_version: 1,
          variables_sealed: '',
          cron_jobs: null,
          release_commands: '[]',
          branch: 'main',
          created_at: now,
          live_at: now,
          removed_at: null,
        })
        .execute();
    });
  }
}
