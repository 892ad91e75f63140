import type { ContainerInspectInfo } from 'dockerode';
import { type ReleaseRequest, RuntimeFailure } from '../runtime.ts';
import type { Containers } from './containers.ts';
import type { Engine } from './engine.ts';
import { exitsOf } from './exits.ts';
import { frames } from './frames.ts';
import { LABELS, type Names } from './labels.ts';
import { neededMore } from './resources.ts';

export interface TaskDeps {
  readonly engine: Engine;
  readonly names: Names;
  readonly containers: Containers;
}

/** More output than this ends a command: the rest of the disk is for others. */
const LARGEST_OUTPUT_BYTES = 64 * 1024 * 1024;
const NEVER = '0001-01-01T00:00:00Z';

/**
 * Runs a command in a container of its own, or adopts the one of that name: what has begun is never begun again. The container stays, as the
 * record of how it ended, until `endTasks`.
 */
export async function runTask(deps: TaskDeps, request: ReleaseRequest): Promise<void> {
  const { engine, names, containers } = deps;
  request.signal.throwIfAborted();
  const { id, isNew } = await containers.create({
    name: names.task(request.taskId),
    labels: names.labels('task', {
      [LABELS.task]: request.taskId,
      [LABELS.environment]: request.environmentUuid,
    }),
    digest: request.image.digest,
    environmentUuid: request.environmentUuid,
    command: request.command,
    variables: request.variables,
    mounts: request.mounts,
    limits: request.limits,
  });
  const inspect = () =>
    engine.call('look at a container', (docker) => docker.getContainer(id).inspect());
  if ((await inspect()).State.StartedAt === NEVER) {
    // Of two starts of one container the second changes nothing.
    await engine.call('start a container', (docker) => docker.getContainer(id).start());
  } else if (!isNew) {
    await request.log('(adopted after a restart of the server; output from its beginning)\n');
  }
  const timeout = AbortSignal.timeout(await rest(inspect, request.timeoutMs));
  const signal = AbortSignal.any([request.signal, timeout]);
  try {
    await follow(deps, id, request, signal);
  } catch (error) {
    if (!signal.aborted && !(error instanceof RuntimeFailure)) throw error;
    await engine
      .call('stop a container', (docker) => docker.getContainer(id).kill())
      .catch(() => undefined);
    request.signal.throwIfAborted();
    if (timeout.aborted) {
      throw new RuntimeFailure(
        'release_command_timeout',
        `It took longer than ${request.timeoutMs / 60_000} minutes and was stopped.`,
      );
    }
    throw error;
  }
  await failUnlessDone(engine, await inspect());
}

async function rest(
  inspect: () => Promise<ContainerInspectInfo>,
  timeoutMs: number,
): Promise<number> {
  const { StartedAt, Running } = (await inspect()).State;
  const ran = Running ? Date.now() - Date.parse(StartedAt) : 0;
  return Math.max(1, timeoutMs - Math.max(0, ran));
}

/** Copies its output until it ends; goes on where the engine was away for a while. */
async function follow(
  { engine }: TaskDeps,
  id: string,
  request: ReleaseRequest,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder('utf-8');
  let copied = 0;
  for (;;) {
    let skip = copied;
    const stream = await engine.call('read the output of a container', (docker) =>
      docker
        .getContainer(id)
        .logs({ follow: true, stdout: true, stderr: true, abortSignal: signal }),
    );
    try {
      for await (const { bytes } of frames(stream)) {
        const fresh = bytes.subarray(Math.min(skip, bytes.length));
        skip -= bytes.length - fresh.length;
        if (fresh.length === 0) continue;
        copied += fresh.length;
        const text = decoder.decode(fresh, { stream: true });
        if (text !== '') await request.log(text);
        if (copied > LARGEST_OUTPUT_BYTES) {
          throw new RuntimeFailure(
            'too_much_output',
            'The command wrote more than 64 MB of output and was stopped.',
          );
        }
      }
    } catch (error) {
      if (signal.aborted || error instanceof RuntimeFailure) throw error;
    }
    signal.throwIfAborted();
    const { State } = await engine.call('look at a container', (docker) =>
      docker.getContainer(id).inspect(),
    );
    if (!State.Running) return;
  }
}

async function failUnlessDone(
  engine: Engine,
  { Id, State, HostConfig }: ContainerInspectInfo,
): Promise<void> {
  if (State.ExitCode !== 0 && HostConfig.Memory) {
    const [end] = await exitsOf(engine, Id);
    if (end?.outOfMemory ?? State.OOMKilled) {
      throw new RuntimeFailure('out_of_memory', `It ${neededMore(HostConfig)}.`);
    }
  }
  // The engine was stopped under it.
  if (State.Error !== '' && State.ExitCode !== 0) {
    throw new RuntimeFailure('interrupted', `It was interrupted: ${State.Error}`);
  }
  if (State.ExitCode !== 0) {
    throw new RuntimeFailure('release_command_failed', `It exited with status ${State.ExitCode}.`);
  }
}
