import { SluiceError } from '../../errors.ts';
import type { Topics } from '../../store/index.ts';
import { performingLock } from '../locks.ts';
import { createAutoDeploy } from './auto-deploy.ts';
import { createClockwork } from './clockwork.ts';
import { closeEnvironment } from './close.ts';
import { type EngineDeps, SYSTEM, type Who } from './context.ts';
import { closeLogs } from './deployment-log.ts';
import { environmentsAtWork, environmentsOf, loadEnvironment } from './environment.ts';
import { createDecider } from './facts.ts';
import { createFetcher } from './fetcher.ts';
import { giveUpBuilds } from './images.ts';
import { type Accepted, createIntake, type SignalInput } from './intake.ts';
import { findRelease, type RollbackTo } from './rollback.ts';
import { createRunner } from './runner.ts';
import { createTakeOver } from './take-over.ts';
import { createTransit, type Transition } from './transition.ts';

const STOP_WITHIN_MS = 5_000;

/** Performs what the ordering decides: takes events in, writes transitions, hands work to the pipeline. */
export interface Engine {
  /** Heals, takes up what a crash left, and begins to listen. */
  start(): Promise<void>;
  /** Starts nothing new; resolves when nothing runs any more. */
  drain(): Promise<void>;
  /** Lets go of everything at once; what runs is resumed by the next start. */
  stop(): Promise<void>;
  accept(input: SignalInput): Promise<Accepted>;
  cancel(deploymentUuid: string, who: Who): Promise<void>;
  /** After an environment was removed: cancels all that is under way there. */
  close(environmentUuid: string, who: Who): Promise<void>;
  /** Answers the rollback's deployment. */
  rollback(environmentUuid: string, to: RollbackTo, who: Who): Promise<string>;
  /** Answers the candidate's deployment; null: only the hold was lifted. */
  resume(environmentUuid: string, who: Who): Promise<string | null>;
  /** Looks at an environment again, as after a change of its branch or settings. */
  observe(environmentUuid: string): Promise<void>;
}

export function createEngine(deps: EngineDeps): Engine {
  const { store, pipeline } = deps;
  const fetcher = createFetcher(deps);
  const background = new Set<Promise<unknown>>();
  const consumers: (() => Promise<void>)[] = [];
  /** Before it no push and no build could reach anybody who waits for one. */
  let upSince = deps.now();
  let stopped = false;
  let draining = false;

  const inBackground = (work: Promise<unknown>, what: string) => {
    const watched = work
      .catch((error: unknown) => {
        const gone = error instanceof SluiceError && error.code === 'not_found';
        if (!stopped && !gone) deps.onError(error, what);
      })
      .finally(() => background.delete(watched));
    background.add(watched);
  };

  /** Looks that wait for their turn. One that has not begun serves all that ask for one meanwhile. */
  const looks = new Map<string, Promise<unknown>>();
  const observe = async (environmentUuid: string): Promise<void> => {
    if (stopped) return;
    let look = looks.get(environmentUuid);
    if (look === undefined) {
      const begun = () => looks.delete(environmentUuid);
      look = transit(environmentUuid, { kind: 'observe' }, { begun });
      looks.set(environmentUuid, look);
    }
    await look;
  };

  const committed = ({ loaded, decided, names, fence }: Transition): void => {
    const { environmentUuid, repositoryUuid } = loaded;
    for (const command of decided.commands) {
      const uuid = 'number' in command ? names.uuidOf(command.number) : null;
      if (command.kind === 'wake') clockwork.wakeAt(environmentUuid, command.at);
      else if (command.kind === 'abort' && uuid !== null) runner.abort(uuid);
      else if (command.kind === 'start' && uuid !== null) {
        // Whoever starts while the server goes is taken up by `recover` after its restart.
        if (!draining && !stopped)
          runner.start({ deploymentUuid: uuid, fence, resumeFrom: command.resumeFrom });
      } else if (command.kind === 'fetch' && !stopped)
        inBackground(
          fetcher.fetch(repositoryUuid).then(() => observe(environmentUuid)),
          `fetching ${loaded.repositorySlug}`,
        );
    }
  };

  const { transit, settled } = createTransit(
    deps,
    createDecider(deps, fetcher, () => upSince),
    committed,
  );
  const runner = createRunner(deps, transit);
  const clockwork = createClockwork(deps, (uuid) => inBackground(observe(uuid), 'a deadline'));
  const accept = createIntake(deps, transit, fetcher);
  const autoDeploy = createAutoDeploy(deps, accept);

  const observeRepository = async (repositoryUuid: string): Promise<void> => {
    for (const uuid of await environmentsOf(store, repositoryUuid)) await observe(uuid);
  };

  const recover = async (environmentUuid: string): Promise<void> => {
    try {
      // A server that was killed in the middle of a removal has not ended everything.
      if ((await loadEnvironment(store, environmentUuid)).removed)
        await closeEnvironment(deps, transit, environmentUuid, SYSTEM);
      await giveUpBuilds(store, environmentUuid);
      await transit(environmentUuid, { kind: 'recover' });
    } catch (error) {
      if (!stopped) deps.onError(error, `taking up environment ${environmentUuid}`);
    }
  };
  const takeOver = createTakeOver({ engine: deps, runner, recover, observe });

  const listen = () => {
    const onError = (error: unknown) => deps.onError(error, 'a message');
    consumers.push(
      store.messages.consume(
        'deploy',
        'push',
        async (push: Topics['push']) => {
          await observeRepository(push.repositoryUuid);
          await autoDeploy.afterPush(push);
        },
        onError,
      ),
      store.messages.consume(
        'deploy',
        'build',
        async (build: Topics['build']) => {
          await observeRepository(build.repositoryUuid);
          await autoDeploy.afterBuild(build);
        },
        onError,
      ),
    );
  };

  return {
    start: async () => {
      await pipeline.start();
      await closeLogs(store);
      for (const environmentUuid of await environmentsAtWork(store)) {
        // What another server performs is its own.
        await store.locks.holdIfFree(performingLock(environmentUuid), () =>
          recover(environmentUuid),
        );
      }
      upSince = deps.now();
      listen();
      takeOver.start();
    },
    drain: async () => {
      draining = true;
      await runner.drain(2 ** 30);
    },
    stop: async () => {
      draining = true;
      await takeOver.stop();
      await Promise.all(consumers.splice(0).map((stop) => stop()));
      stopped = true;
      clockwork.stop();
      runner.abandon();
      // A pipeline in the middle of a release command is not waited for: it goes on without this process.
      await within(pipeline.stop(), STOP_WITHIN_MS);
      await within(settled(), STOP_WITHIN_MS);
      await within(Promise.all(background), STOP_WITHIN_MS);
    },
    accept,
    cancel: async (deploymentUuid, who) => {
      const row = await store.db
        .selectFrom('deployments')
        .select(['environment_uuid', 'number'])
        .where('uuid', '=', deploymentUuid)
        .executeTakeFirst();
      if (!row) throw new SluiceError('not_found', 'There is no such deployment.');
      const { decided } = await transit(row.environment_uuid, {
        kind: 'cancel',
        number: row.number,
        by: who.email,
      });
      refuseCancel(decided.answer.kind);
    },
    close: (environmentUuid, who) => closeEnvironment(deps, transit, environmentUuid, who),
    rollback: async (environmentUuid, to, who) => {
      const release = await findRelease(deps, environmentUuid, to);
      const { decided, names } = await transit(
        environmentUuid,
        {
          kind: 'rollback',
          releaseUuid: release.uuid,
          sha: release.sha,
          configVersion: release.config_version,
          by: who.email,
          reason: to.reason ?? `rolled back to ${release.sha.slice(0, 12)}`,
        },
        { origin: { who, via: 'rollback' } },
      );
      return named(names.uuidOf('number' in decided.answer ? (decided.answer.number ?? 0) : 0));
    },
    resume: async (environmentUuid, who) => {
      const { decided, names } = await transit(
        environmentUuid,
        { kind: 'resume', by: who.email },
        { origin: { who, via: 'resume' } },
      );
      const { answer } = decided;
      return answer.kind === 'resumed' && answer.number !== null
        ? named(names.uuidOf(answer.number))
        : null;
    },
    observe,
  };
}

function named(uuid: string | null): string {
  if (uuid === null) throw new Error('a decision about a deployment that has no name');
  return uuid;
}

/** 4.3 */
function refuseCancel(answer: string): void {
  if (answer === 'already_live')
    throw new SluiceError('conflict', 'It is live already and cannot be cancelled.', {
      reason: 'already_live',
      remedy: 'Roll back instead.',
    });
  if (answer === 'already_ended')
    throw new SluiceError('conflict', 'It has ended already.', { reason: 'already_ended' });
}

async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
