import type { Engine } from './engine.ts';

/** How a container ended, the first time first. The engine itself forgets it as soon as it has started the container again. */
export interface Exit {
  readonly status: number;
  /** Nanoseconds since 1970: tells ends apart. */
  readonly at: number;
}

interface DieEvent {
  readonly timeNano: number;
  readonly Actor: { readonly Attributes: { readonly exitCode?: string } };
}

/** Of the last ten minutes, as far as the engine remembers. */
export async function exitsOf(engine: Engine, container: string): Promise<Exit[]> {
  const now = Date.now() / 1_000;
  const stream = await engine.call('tell how a container ended', (docker) =>
    docker.getEvents({
      since: Math.floor(now - 600),
      until: Math.ceil(now),
      filters: { container: [container], event: ['die'] },
    }),
  );
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event = JSON.parse(line) as DieEvent;
      return { status: Number(event.Actor.Attributes.exitCode ?? 0), at: event.timeNano };
    });
}
