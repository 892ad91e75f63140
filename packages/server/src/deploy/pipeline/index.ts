import type { ReleaseRow } from '../../store/schema/deploy-pipeline.ts';
import { createTurns } from '../../turns.ts';
import { environmentLock } from '../locks.ts';
import { FenceLost, type Pipeline } from '../pipeline-types.ts';
import type { LogPage } from '../runtimes/runtime.ts';
import type { Shell } from '../runtimes/shell.ts';
import { type ControlResult, remove, restart, stop } from './control.ts';
import type { PipelineDeps, PipelineRooms } from './deps.ts';
import { heal, healEnvironment } from './heal.ts';
import { createImageCare, type ImageCare } from './image-care/index.ts';
import { type LiveRelease, liveRelease } from './live.ts';
import { keptReleases, type ReleaseVariable, variablesOfDeployment } from './releases.ts';
import { createRouting } from './routing.ts';
import { runDeployment } from './run.ts';
import { createShells, type ShellWish } from './shells.ts';

export type { ControlResult } from './control.ts';
export type { PipelineLimits, PipelineLogger } from './deps.ts';
export { down } from './down.ts';
export type { Cleaning, ImageCare, ImagePolicy, ImageView } from './image-care/index.ts';
export type { ReleaseVariable } from './releases.ts';

/** The performing half of deployments, and what else touches running applications. */
export interface DeployPipeline extends Pipeline {
  /** New instances of the live release by the zero-downtime switch; waits for a deployment that runs. */
  restartEnvironment(environmentUuid: string): Promise<ControlResult>;
  /** Ends the instances, the address answers 503; a deployment or a restart starts them again. */
  stopEnvironment(environmentUuid: string): Promise<ControlResult>;
  /** Instances and routes of an environment that was removed. */
  removeEnvironment(environmentUuid: string): Promise<void>;
  /** What it takes to run something besides the instances; null where nothing is live. */
  liveRelease(environmentUuid: string): Promise<LiveRelease | null>;
  /** A person's shell or command in throw-away surroundings of the live release. Throws `conflict` (`nothing_live`). */
  openShell(environmentUuid: string, wish: ShellWish): Promise<Shell>;
  /** To be called when its domains were changed: takes effect at once, also while a deployment runs. */
  domainsChanged(environmentUuid: string): Promise<void>;
  /** Releases that can be rolled back to, the one that was live last first. */
  releases(environmentUuid: string): Promise<ReleaseRow[]>;
  /** What the runtime keeps, for whom, and what may go. */
  readonly images: ImageCare;
  /** Names and values (the user's) that a deployment started with; null where it never came so far. */
  variablesOf(deploymentUuid: string): Promise<readonly ReleaseVariable[] | null>;
  /**
   * A page of an environment's application log, oldest first. `cursor` null: the newest `limit` entries; else those
   * after it. The answered cursor goes on after the last entry.
   */
  applicationLog(environmentUuid: string, cursor: string | null, limit: number): Promise<LogPage>;
}

export function createPipeline(rooms: PipelineRooms): DeployPipeline {
  const deps: PipelineDeps = { ...rooms, routing: createRouting(rooms) };
  const turns = createTurns();
  const shells = createShells(deps);
  const stopping = new AbortController();

  /** One piece of work at a time for each environment, over all servers. */
  const alone = <T>(environmentUuid: string, work: () => Promise<T>): Promise<T> =>
    turns.take(environmentUuid, async () => {
      const name = environmentLock(environmentUuid);
      const done = await deps.store.locks.hold(
        name,
        async () => ({ answer: await work() }),
        stopping.signal,
      );
      if (done === null) throw new FenceLost('this server is stopping');
      return done.answer;
    });

  const healAll = async (): Promise<void> => {
    const { environments } = await heal(deps);
    const routes = await deps.router.routes();
    for (const uuid of environments) {
      // Each in its own turn: a deployment that is resumed waits for its environment alone.
      alone(uuid, () => healEnvironment(deps, uuid, routes, stopping.signal)).catch(
        (error: unknown) => {
          if (stopping.signal.aborted) return;
          deps.logger.error(
            { err: error, environment: uuid },
            'an environment could not be healed',
          );
        },
      );
    }
  };

  const told = (uuid: string) =>
    deps.store.changes.emit({ kind: 'environment', id: uuid, application: null });

  return {
    start: async () => {
      await deps.runtime.watch();
      await healAll();
      await shells.start();
    },
    stop: async () => {
      stopping.abort();
      await shells.stop();
      await turns.settled();
      await deps.runtime.unwatch();
    },
    run: (job, reporter, abort) =>
      alone(job.environmentUuid, () =>
        runDeployment(deps, job, reporter, abort, () => stopping.signal.aborted),
      ),
    restartEnvironment: (uuid) =>
      alone(uuid, () => restart(deps, uuid, stopping.signal)).finally(() => told(uuid)),
    stopEnvironment: (uuid) => alone(uuid, () => stop(deps, uuid)).finally(() => told(uuid)),
    removeEnvironment: (uuid) => alone(uuid, () => remove(deps, uuid)).finally(() => told(uuid)),
    liveRelease: (uuid) => liveRelease(deps, uuid),
    openShell: shells.open,
    domainsChanged: deps.routing.publish,
    images: createImageCare(deps),
    releases: (uuid) => keptReleases(deps.store.db, uuid),
    variablesOf: (uuid) => variablesOfDeployment(deps, uuid),
    applicationLog: (uuid, cursor, limit) => deps.runtime.logs(uuid, cursor, limit),
  };
}
