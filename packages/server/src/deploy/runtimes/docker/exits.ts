import type { Engine } from './engine.ts';

/** How a container ended, the first time first. The engine itself forgets it as soon as it has started the container again. */
export interface Exit {
  readonly status: number;
  /** Nanoseconds since 1970: tells ends apart. */
  readonly at: number;
  /** Whether the kernel ended it, or what it cannot do without, for memory. */
  readonly outOfMemory: boolean;
}

interface EngineEvent {
  readonly Action: string;
  readonly timeNano: number;
  readonly Actor: { readonly Attributes: { readonly exitCode?: string } };
}

/** A program whose child was killed for memory may take a moment to give up. */
const OOM_BEFORE_NS = 5e9;
/** The engine hears of it by another way than of the end, which may be the quicker one. */
const OOM_AFTER_NS = 1e9;

/** Of the last ten minutes, as far as the engine remembers. */
export async function exitsOf(engine: Engine, container: string): Promise<Exit[]> {
  const now = Date.now() / 1_000;
  const stream = await engine.call('tell how a container ended', (docker) =>
    docker.getEvents({
      since: Math.floor(now - 600),
      until: Math.ceil(now),
      filters: { container: [container], event: ['die', 'oom'] },
    }),
  );
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  const events = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EngineEvent);
  const kills = events.filter(({ Action }) => Action === 'oom').map(({ timeNano }) => timeNano);
  return events
    .filter(({ Action }) => Action === 'die')
    .map(({ timeNano: at, Actor }) => {
      const status = Number(Actor.Attributes.exitCode ?? 0);
      const wasNear = kills.some((kill) => kill > at - OOM_BEFORE_NS && kill < at + OOM_AFTER_NS);
      return { status, at, outOfMemory: status !== 0 && wasNear };
    });
}
