import type { BlockList } from 'node:net';
import type { RouterEdge, RouterLimits, RouterStats } from '../types.ts';
import type { Upstreams } from './backends.ts';
import type { Log } from './log.ts';
import type { Table } from './table.ts';

/** What every request needs; made once in `main.ts`. */
export interface Context {
  readonly table: Table;
  readonly upstreams: Upstreams;
  readonly limits: RouterLimits;
  readonly counters: Counters;
  readonly log: Log;
  readonly trustedProxies: BlockList;
  readonly edge: RouterEdge | null;
}

/** Figures of this process since its start. */
export class Counters {
  requests = 0;
  retries = 0;
  upgradedConnections = 0;
  /** Rises with each choice of a backend, so that equals take turns. */
  turn = 0;
  readonly ownAnswers: Record<string, number> = {};

  countAnswer(status: number): void {
    this.ownAnswers[status] = (this.ownAnswers[status] ?? 0) + 1;
  }

  stats(upstreams: Upstreams): RouterStats {
    return {
      requests: this.requests,
      retries: this.retries,
      ownAnswers: { ...this.ownAnswers },
      upgradedConnections: this.upgradedConnections,
      residentBytes: process.memoryUsage.rss(),
      backends: upstreams.stats(),
    };
  }
}
