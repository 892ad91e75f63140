import type { Duplex } from 'node:stream';
import type { ShellRequest } from '../runtime.ts';
import { SHELL_COMMAND, type Shell, type ShellOutput } from '../shell.ts';
import { frames } from './frames.ts';
import { LABELS } from './labels.ts';
import type { TaskDeps } from './task.ts';

/** In a container of its own: the release's image, variables and network, and nothing that an instance could lose. */
export async function openShell(deps: TaskDeps, request: ShellRequest): Promise<Shell> {
  const { engine, names, containers } = deps;
  const { shellUuid, environmentUuid, terminal } = request;
  const container = names.shell(shellUuid);
  const end = async () => {
    await containers.remove(container, 0);
    await containers.leaveNetwork(environmentUuid);
  };
  try {
    const { id } = await containers.create({
      name: container,
      labels: names.labels('shell', {
        [LABELS.shell]: shellUuid,
        [LABELS.environment]: environmentUuid,
      }),
      digest: request.image.digest,
      environmentUuid,
      command: SHELL_COMMAND,
      arguments: ['sluice', ...request.command],
      variables: terminal === null ? request.variables : { TERM: 'xterm', ...request.variables },
      mounts: request.mounts,
      limits: request.limits,
      attached: { terminal: terminal !== null },
    });
    const stream = (await engine.once('join a container', (docker) =>
      docker.getContainer(id).attach({
        ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
      }),
    )) as Duplex;
    // Asked before it starts: a short one would be over.
    const ended = engine.once('wait for a container', (docker) =>
      docker.getContainer(id).wait({ condition: 'next-exit' }),
    );
    ended.catch(() => undefined);
    await engine.call('start a container', (docker) => docker.getContainer(id).start());
    const resize: Shell['resize'] = async ({ columns, rows }) => {
      if (terminal === null) return;
      await engine
        .once('resize a terminal', (docker) =>
          docker.getContainer(id).resize({ w: columns, h: rows }),
        )
        // It has ended meanwhile.
        .catch(() => undefined);
    };
    if (terminal !== null) await resize(terminal);
    return {
      input: stream,
      output: terminal === null ? frames(stream) : raw(stream),
      exit: ended.then(({ StatusCode }: { StatusCode: number }) => StatusCode),
      resize,
      end: async () => {
        stream.destroy();
        await end();
      },
    };
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
}

async function* raw(stream: Duplex): AsyncGenerator<ShellOutput> {
  for await (const bytes of stream) yield { source: 'stdout', bytes };
}
