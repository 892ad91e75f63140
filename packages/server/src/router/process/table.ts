import { readFileSync } from 'node:fs';
import { SluiceError } from '../../errors.ts';
import { writeDurably } from '../durable.ts';
import { normaliseHostName } from '../host-name.ts';
import type { HostRoute } from '../types.ts';
import type { Upstream, Upstreams } from './backends.ts';
import { parseHostRoute, parseTableFile, type Removal } from './table-schema.ts';

/** A route ready for use: its backends looked up once, when it was set. */
export interface Entry {
  readonly route: HostRoute;
  readonly members: readonly Upstream[];
}

/** How many removed hosts to remember the version of. */
const removalsKept = 1_000;

/**
 * Which host is served by what. Every change is on disk before it takes effect and before it is acknowledged, so a
 * killed router comes back with exactly what was promised; and it takes effect in one assignment, so each request
 * sees the whole old or the whole new route.
 */
export class Table {
  #entries: ReadonlyMap<string, Entry> = new Map();
  #removals: ReadonlyMap<string, Removal> = new Map();
  #tail: Promise<unknown> = Promise.resolve();
  readonly #path: string;
  readonly #upstreams: Upstreams;

  private constructor(path: string, upstreams: Upstreams) {
    this.#path = path;
    this.#upstreams = upstreams;
  }

  /** @throws SluiceError `internal` where the file is there but cannot be read as a table. */
  static load(path: string, upstreams: Upstreams): Table {
    const table = new Table(path, upstreams);
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return table;
      throw cause;
    }
    const { routes, removals } = parseTableFile(text, path);
    table.#adopt(
      new Map(routes.map((route) => [route.host, route])),
      new Map(removals.map((removal) => [removal.host, removal])),
    );
    return table;
  }

  find(host: string): Entry | undefined {
    return this.#entries.get(host);
  }

  routes(): HostRoute[] {
    return [...this.#entries.values()].map((entry) => entry.route);
  }

  /**
   * Sets one or several routes in one step.
   * @throws SluiceError `conflict`, reason `stale_version`, where one carries a lower version than the host has or had
   * last for the same environment; nothing is changed then. `unavailable` where the disk refuses.
   */
  set(wanted: readonly unknown[]): Promise<void> {
    return this.#inTurn(async () => {
      const routes = wanted.map(parseHostRoute);
      const next = this.#byHost();
      const removals = new Map(this.#removals);
      for (const route of routes) {
        this.#refuseStale(route);
        next.set(route.host, route);
        removals.delete(route.host);
      }
      await this.#commit(next, removals);
    });
  }

  /** Removes a host; one that is not there is no error. Its version is remembered, so that a late writer is refused. */
  remove(hostText: string): Promise<void> {
    return this.#inTurn(async () => {
      const host = normaliseHostName(hostText);
      const present = host === null ? undefined : this.#entries.get(host)?.route;
      if (present === undefined) return;
      const next = this.#byHost();
      next.delete(present.host);
      const { environmentUuid, version } = present;
      const removals = new Map(this.#removals).set(present.host, {
        host: present.host,
        environmentUuid,
        version,
      });
      for (const oldest of removals.keys()) {
        if (removals.size <= removalsKept) break;
        removals.delete(oldest);
      }
      await this.#commit(next, removals);
    });
  }

  #refuseStale(route: HostRoute): void {
    const present = this.#entries.get(route.host)?.route ?? this.#removals.get(route.host);
    // Versions order the writers of one environment. A host name that moves to another one starts anew.
    if (present === undefined || present.environmentUuid !== route.environmentUuid) return;
    if (route.version >= present.version) return;
    throw new SluiceError(
      'conflict',
      `${route.host} is at version ${present.version}; version ${route.version} came too late.`,
      { reason: 'stale_version' },
    );
  }

  #byHost(): Map<string, HostRoute> {
    return new Map([...this.#entries].map(([host, entry]) => [host, entry.route]));
  }

  async #commit(
    routes: ReadonlyMap<string, HostRoute>,
    removals: ReadonlyMap<string, Removal>,
  ): Promise<void> {
    const content = {
      format: 1,
      routes: [...routes.values()],
      removals: [...removals.values()],
    };
    try {
      await writeDurably(this.#path, `${JSON.stringify(content, null, 1)}\n`);
    } catch (cause) {
      throw new SluiceError('unavailable', 'The routing table could not be written.', {
        reason: 'table_not_written',
        remedy: 'Make room on the disk of the data directory.',
        cause,
      });
    }
    this.#adopt(routes, removals);
  }

  /** Looks the backends up and switches, with nothing awaited in between: one that drains meanwhile would be closed. */
  #adopt(routes: ReadonlyMap<string, HostRoute>, removals: ReadonlyMap<string, Removal>): void {
    const entries = new Map<string, Entry>();
    for (const [host, route] of routes) {
      const members = route.backends.map((backend) => this.#upstreams.get(backend));
      entries.set(host, { route, members });
    }
    this.#entries = entries;
    this.#removals = removals;
    this.#upstreams.keepOnly(new Set([...entries.values()].flatMap((entry) => entry.members)));
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(change);
    this.#tail = done.catch(() => undefined);
    return done;
  }
}
