import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AppLogWriter } from '../../supervisor/app-log.ts';
import { createLineSplitter } from '../../supervisor/process/lines.ts';
import type { InstanceExit } from '../runtime.ts';
import { type Engine, isMissing } from './engine.ts';
import { type Exit, exitsOf } from './exits.ts';
import { frames } from './frames.ts';

export interface Followed {
  readonly uuid: string;
  readonly container: string;
  readonly environmentUuid: string;
  readonly service: string;
}

/**
 * Copies what instances write to the environments' logs, which outlive the containers. Where it stands is kept beside: a
 * restarted server goes on there with what the engine has kept meanwhile. A crash can write the last lines twice, never lose them.
 */
export interface Follower {
  follow(instance: Followed): void;
  /** Resolves when everything that an ended instance wrote is in the log; waits for it only so long. */
  settled(uuid: string): Promise<void>;
  /** How it ended the last time; null: it did not, as far as anybody saw. */
  lastExit(uuid: string): Promise<InstanceExit | null>;
  forget(uuid: string): Promise<void>;
  stop(): Promise<void>;
}

const LOOK_AGAIN_MS = 500;
const MOST_PATIENCE_MS = 5_000;

export function createFollower(engine: Engine, writer: AppLogWriter, directory: string): Follower {
  const working = new Map<
    string,
    { readonly done: Promise<void>; readonly abort: AbortController }
  >();
  const placeFile = (uuid: string) => join(directory, uuid);
  const exitFile = (uuid: string) => join(directory, `${uuid}.exit`);

  const tell = async ({ uuid, environmentUuid, service }: Followed, exits: readonly Exit[]) => {
    writer.write(
      environmentUuid,
      { service: 'sluice', instance: uuid },
      exits.map(sentenceOf(service)),
    );
    const last = exits.at(-1);
    if (last === undefined) return;
    const { status, outOfMemory } = last;
    const kept: InstanceExit = {
      ...{ status, signal: null, outOfMemory },
      at: new Date(last.at / 1_000_000).toISOString(),
    };
    await writeFile(exitFile(uuid), JSON.stringify(kept));
  };

  const copy = async (instance: Followed, since: string, signal: AbortSignal): Promise<string> => {
    const stream = await engine.once('read the output of a container', (docker) =>
      docker.getContainer(instance.container).logs({
        follow: true,
        stdout: true,
        stderr: true,
        timestamps: true,
        // Fractions of a second, which the types do not know.
        since: sinceOf(since) as unknown as number,
        abortSignal: signal,
      }),
    );
    const splitters = { stdout: createLineSplitter(), stderr: createLineSplitter() };
    let place = since;
    try {
      for await (const { source, bytes } of frames(stream)) {
        const fresh = splitters[source].push(bytes).flatMap((line) => {
          const at = line.slice(0, line.indexOf(' '));
          // The engine answers the last one again.
          if (at <= since) return [];
          if (at > place) place = at;
          return [line.slice(at.length + 1)];
        });
        if (fresh.length === 0) continue;
        const { environmentUuid, service, uuid } = instance;
        writer.write(environmentUuid, { service, instance: uuid }, fresh);
        await writeFile(placeFile(instance.uuid), place);
      }
    } catch (error) {
      if (!signal.aborted && place === since) throw error;
    }
    return place;
  };

  const work = async (instance: Followed, signal: AbortSignal): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    let place = await readFile(placeFile(instance.uuid), 'utf8').catch(() => '');
    // What ended before it was followed was told then, or nobody was there.
    let told = Date.now() * 1_000_000;
    while (!signal.aborted) {
      try {
        place = await copy(instance, place, signal);
        const { State } = await engine.once('look at a container', (docker) =>
          docker.getContainer(instance.container).inspect(),
        );
        const exits = (await exitsOf(engine, instance.container)).filter(({ at }) => at > told);
        told = exits.at(-1)?.at ?? told;
        await tell(instance, exits);
        if (State.Status === 'exited' || State.Status === 'dead') return;
      } catch (error) {
        if (isMissing(error)) return;
      }
      await pause(LOOK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  };

  return {
    follow: (instance) => {
      if (working.has(instance.uuid)) return;
      const abort = new AbortController();
      const done = work(instance, abort.signal)
        .catch(() => undefined)
        .finally(() => working.delete(instance.uuid));
      working.set(instance.uuid, { done, abort });
    },
    settled: async (uuid) => {
      const waiting = new AbortController();
      await Promise.race([
        working.get(uuid)?.done,
        pause(MOST_PATIENCE_MS, undefined, { signal: waiting.signal }).catch(() => undefined),
      ]);
      waiting.abort();
    },
    lastExit: async (uuid) => {
      const text = await readFile(exitFile(uuid), 'utf8').catch(() => '');
      return text === '' ? null : (JSON.parse(text) as InstanceExit);
    },
    forget: async (uuid) => {
      working.get(uuid)?.abort.abort();
      await rm(placeFile(uuid), { force: true });
      await rm(exitFile(uuid), { force: true });
    },
    stop: async () => {
      const all = [...working.values()];
      for (const { abort } of all) abort.abort();
      await Promise.all(all.map(({ done }) => done));
    },
  };
}

const sentenceOf =
  (service: string) =>
  ({ status, outOfMemory }: Exit): string => {
    const why = outOfMemory ? ': it needed more memory than its limit' : '';
    return `${service} ended with status ${status}${why}`;
  };

/** `2026-11-23T19:25:52.123456789Z` as seconds since 1970, with all its digits. */
function sinceOf(timestamp: string): string {
  if (timestamp === '') return '0';
  const fraction = /\.(\d+)Z$/.exec(timestamp)?.[1] ?? '0';
  return `${Math.floor(Date.parse(timestamp) / 1_000)}.${fraction}`;
}
