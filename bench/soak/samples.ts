import { setTimeout as pause } from 'node:timers/promises';
import type { SoakPlace } from './place.ts';
import { descriptors, residentMib } from './processes.ts';

/** What one process held at one moment; a process that was killed and came back is another one. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly name: string;
  readonly pid: number;
  readonly mib: number;
  readonly descriptors: number;
}

export interface Sampling {
  readonly samples: Sample[];
  stop(): Promise<void>;
}

/** Looks at all processes of the installation again and again. */
export function takeSamples(place: SoakPlace, everyMs: number): Sampling {
  const samples: Sample[] = [];
  const stopping = new AbortController();
  const work = (async () => {
    while (!stopping.signal.aborted) {
      for (const [name, pid] of await place.processes()) {
        const [mib, open] = [await residentMib(pid), await descriptors(pid)];
        if (mib !== null && open !== null)
          samples.push({ at: Date.now(), name, pid, mib, descriptors: open });
      }
      await pause(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    samples,
    stop: async () => {
      stopping.abort();
      await work;
    },
  };
}
