import { randomUUID } from 'node:crypto';
import { SluiceError } from '../../errors.ts';
import type { Shell, TerminalSize } from '../runtimes/shell.ts';
import type { PipelineDeps } from './deps.ts';
import { liveRelease } from './live.ts';

export interface ShellWish {
  /** Who asks, for the log. */
  readonly email: string;
  readonly command: readonly string[];
  readonly terminal: TerminalSize | null;
}

/** People's shells in the surroundings of what is live. */
export interface Shells {
  /** Throws `conflict` (`nothing_live`), and `RuntimeFailure` for what the runtime refuses. */
  open(environmentUuid: string, wish: ShellWish): Promise<Shell>;
  /** Ends those whose server is gone, now and from time to time. */
  start(): Promise<void>;
  /** Ends all that this server has opened. */
  stop(): Promise<void>;
}

const SWEEP_EVERY_MS = 60_000;
/** Each is held by the server that it belongs to, and let go of by that one's death. */
const lockOf = (shellUuid: string) => `shell ${shellUuid}`;

export function createShells(deps: PipelineDeps): Shells {
  const { runtime, store, logger } = deps;
  const open = new Set<Shell>();
  let sweeping: NodeJS.Timeout | null = null;

  const sweep = async (): Promise<void> => {
    for (const uuid of await runtime.shellUuids()) {
      await store.locks.holdIfFree(lockOf(uuid), () => runtime.endShell(uuid));
    }
  };
  const sweepQuietly = () =>
    sweep().catch((error: unknown) => logger.warn({ err: error }, 'shells were not swept'));

  /** Opens it under its lock, which is kept until it has ended. */
  const openLocked = (
    environmentUuid: string,
    shellUuid: string,
    work: () => Promise<Shell>,
  ): Promise<Shell> =>
    new Promise((resolve, reject) => {
      const over = Promise.withResolvers<void>();
      const held = store.locks.hold(lockOf(shellUuid), async () => {
        const shell = await work();
        const kept: Shell = {
          ...shell,
          end: async () => {
            open.delete(kept);
            await shell.end().finally(over.resolve);
          },
        };
        open.add(kept);
        resolve(kept);
        await over.promise;
      });
      held.catch((error: unknown) => {
        logger.warn({ err: error, environment: environmentUuid }, 'a shell failed');
        reject(error);
      });
    });

  return {
    open: async (environmentUuid, { email, command, terminal }) => {
      const live = await liveRelease(deps, environmentUuid);
      if (live === null) {
        throw new SluiceError('conflict', 'Nothing is live in this environment.', {
          reason: 'nothing_live',
          remedy: 'Deploy it first: a shell has the code and the variables of what is live.',
        });
      }
      const shellUuid = randomUUID();
      const { imageUuid, image, variables, mounts, limits } = live;
      const request = { shellUuid, environmentUuid, imageUuid, image, variables, mounts, limits };
      const note = (text: string) => runtime.note(environmentUuid, 'shell', [text]);
      const what = command.length === 0 ? 'a shell' : command.join(' ');
      const shell = await openLocked(environmentUuid, shellUuid, () =>
        runtime.openShell({ ...request, command, terminal }),
      );
      note(`${email} runs ${what}`);
      shell.exit.then(
        (code) => note(`${what} of ${email} exited with status ${code}`),
        () => note(`${what} of ${email} was cut off`),
      );
      return shell;
    },
    start: async () => {
      await sweepQuietly();
      sweeping ??= setInterval(sweepQuietly, SWEEP_EVERY_MS).unref();
    },
    stop: async () => {
      if (sweeping !== null) clearInterval(sweeping);
      sweeping = null;
      await Promise.allSettled([...open].map((shell) => shell.end()));
    },
  };
}
