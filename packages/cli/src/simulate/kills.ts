import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './random.ts';
import type { DeedRecord, StormRecord } from './record.ts';
import type { OwnServer } from './server.ts';
import { byTime } from './storm.ts';

/** SIGKILLs of a server that many storms share: each of them strikes all storms that are under way. */
export interface Kills {
  readonly count: number;
  /** The record as it is with the kills that fell into it, among its deeds and, for a repetition, in its storm. */
  addTo(record: StormRecord): StormRecord;
  /** Throws when the server did not come back. */
  stop(): Promise<void>;
}

interface Kill {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** How long the server lives before the next one, in milliseconds; no shorter than its last start took. */
const LIFE_MS = { from: 2_000, to: 7_000 };

export function startKills(server: OwnServer, random: Random, lifeMs = LIFE_MS): Kills {
  const kills: Kill[] = [];
  const stopping = new AbortController();
  const killing = (async () => {
    for (let startMs = 0; ; ) {
      const life = Math.max(startMs, random.between(lifeMs.from, lifeMs.to));
      await pause(life, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      const sentAt = Date.now();
      await server.crash();
      const answeredAt = Date.now();
      startMs = answeredAt - sentAt;
      kills.push({ sentAt, answeredAt });
    }
  })();
  // Told by `stop`; until then the storms say that nobody answers.
  killing.catch(() => undefined);
  return {
    get count() {
      return kills.length;
    },
    addTo: (record) =>
      withKills(
        record,
        kills.filter((kill) => kill.answeredAt >= record.begunAt && kill.sentAt <= record.endedAt),
      ),
    stop: async () => {
      stopping.abort();
      await killing;
    },
  };
}

function withKills(record: StormRecord, kills: readonly Kill[]): StormRecord {
  const deeds = kills.map((kill): DeedRecord => {
    const at = Math.max(0, kill.sentAt - record.begunAt);
    return { ...kill, action: { at, do: 'crash' }, refusal: null, deployment: null, commit: null };
  });
  const actions = [...record.storm.actions, ...deeds.map(({ action }) => action)];
  return {
    ...record,
    storm: { ...record.storm, actions: byTime(actions) },
    deeds: [...record.deeds, ...deeds].sort((a, b) => a.sentAt - b.sentAt),
  };
}
