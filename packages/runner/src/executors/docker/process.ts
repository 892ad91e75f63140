import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';
import type { JobExit, JobProcess } from '../executor.ts';
import type { AgentLink } from './agent-link.ts';
import type { ResolvedOptions } from './options.ts';

const DISK_CHECK_MS = 30_000;

/** The job's script in its container, followed through the agent. */
export function startProcess(
  script: string,
  container: Docker.Container,
  link: AgentLink,
  options: ResolvedOptions,
): JobProcess {
  let exceeded: string | null = null;
  let killing: Promise<void> | null = null;
  const mebibytes = (bytes: number) => Math.round(bytes / 1024 ** 2);
  const outOfMemory = () => {
    exceeded ??= `The job used more than ${mebibytes(options.memoryBytes)} MB of memory, its limit here.`;
  };

  // A container that dies ends the output; what its consumer has to know comes with the exit.
  const output = new PassThrough();
  link.output.pipe(output);
  link.output.once('close', () => output.end());

  const ended = link.next('exit').then(
    ({ code, signal }) => ({ code, signal }),
    async () => {
      // The agent is gone too: by the kernel, by the job itself, by us, or with the engine.
      const { State: state } = await container.inspect().catch(() => ({ State: null }));
      if (state?.OOMKilled) outOfMemory();
      else if (state === null) exceeded ??= 'The Docker engine was lost while the job ran.';
      return { code: null, signal: 'SIGKILL' as const };
    },
  );
  const kill = () => {
    killing ??= end(container, link, ended, options.graceMs);
    return killing;
  };
  link.next('out-of-memory').then(
    () => {
      outOfMemory();
      void kill();
    },
    () => undefined,
  );
  const watch = watchDisk(container, options.diskBytes, () => {
    exceeded ??= `The job wrote more than ${mebibytes(options.diskBytes)} MB to its disk, its limit here.`;
    void kill();
  });
  const exit = ended.then((result): JobExit => {
    clearInterval(watch);
    return { ...result, exceeded };
  });
  link.send({ kind: 'start', script });
  return { output, control: link.control, exit, kill };
}

async function end(
  container: Docker.Container,
  link: AgentLink,
  ended: Promise<unknown>,
  graceMs: number,
): Promise<void> {
  link.send({ kind: 'terminate' });
  const timer = setTimeout(() => {
    container.kill({ signal: 'SIGKILL' }).catch(() => undefined);
  }, graceMs);
  await ended;
  clearTimeout(timer);
}

/** An engine seldom can bound a container's disk itself, so what it has written is looked at now and then. */
function watchDisk(container: Docker.Container, limitBytes: number, exceeded: () => void) {
  const timer = setInterval(() => {
    if (limitBytes === 0) return;
    container.inspect({ size: true } as Docker.ContainerInspectOptions).then(
      (about) => {
        const written = (about as { SizeRw?: number }).SizeRw ?? 0;
        if (written > limitBytes) exceeded();
      },
      () => undefined,
    );
  }, DISK_CHECK_MS);
  timer.unref();
  return timer;
}
