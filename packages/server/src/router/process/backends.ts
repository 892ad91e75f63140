import { Pool } from 'undici';
import { type Backend, type BackendStats, backendName, type RouterLimits } from '../types.ts';

/** How long a backend that refused a connection comes last. */
const mistrustMs = 1_000;

/** A backend with its connections and the count of what it is working on. */
export class Upstream {
  readonly name: string;
  readonly backend: Backend;
  readonly pool: Pool;
  inFlight = 0;
  requests = 0;
  failures = 0;
  mistrustedUntil = 0;
  routed = true;
  leaving = false;
  #whenIdle: Set<() => void> = new Set();

  constructor(backend: Backend, limits: RouterLimits) {
    this.backend = backend;
    this.name = backendName(backend);
    this.pool = new Pool(`http://${this.name}`, {
      connect: { timeout: limits.connectTimeoutMs, noDelay: true },
      headersTimeout: limits.readTimeoutMs,
      bodyTimeout: limits.readTimeoutMs,
      // Servers that do not announce how long they keep a connection often drop it after 2 to 5 s. A request that
      // may not be repeated must not meet one that is being dropped, so idle connections are given up first.
      keepAliveTimeout: 1_000,
      keepAliveTimeoutThreshold: 1_000,
      keepAliveMaxTimeout: 60_000,
      maxHeaderSize: 32 * 1024,
      pipelining: 1,
    });
  }

  begin(): void {
    this.inFlight += 1;
    this.requests += 1;
  }

  end(): void {
    this.inFlight -= 1;
    if (this.inFlight === 0) for (const wake of [...this.#whenIdle]) wake();
  }

  mistrust(): void {
    this.failures += 1;
    this.mistrustedUntil = Date.now() + mistrustMs;
  }

  onIdle(wake: () => void): () => void {
    this.#whenIdle.add(wake);
    return () => this.#whenIdle.delete(wake);
  }

  wake(): void {
    for (const wake of [...this.#whenIdle]) wake();
  }
}

/** All backends that are routed to or still at work. */
export class Upstreams {
  readonly #byName = new Map<string, Upstream>();
  readonly #limits: RouterLimits;

  constructor(limits: RouterLimits) {
    this.#limits = limits;
  }

  get(backend: Backend): Upstream {
    const name = backendName(backend);
    let upstream = this.#byName.get(name);
    if (upstream === undefined) {
      upstream = new Upstream(backend, this.#limits);
      this.#byName.set(name, upstream);
    }
    return upstream;
  }

  /** Tells which backends the table names; the others are forgotten as soon as their last request ends. */
  keepOnly(routed: ReadonlySet<Upstream>): void {
    for (const upstream of this.#byName.values()) {
      upstream.routed = routed.has(upstream);
      if (!upstream.routed) this.#forgetWhenIdle(upstream);
    }
  }

  /** True once nothing is routed to the backend and it works on nothing; false when `timeoutMs` passed first. */
  drained(name: string, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    const upstream = this.#byName.get(name);
    const isDrained = (): boolean =>
      upstream === undefined || (!upstream.routed && upstream.inFlight === 0);
    if (upstream === undefined || isDrained()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (drained: boolean): void => {
        clearTimeout(timer);
        off();
        signal.removeEventListener('abort', onAbort);
        resolve(drained);
      };
      const onAbort = (): void => finish(false);
      const timer = setTimeout(() => finish(false), timeoutMs);
      const off = upstream.onIdle(() => {
        if (isDrained()) finish(true);
      });
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  stats(): BackendStats[] {
    return [...this.#byName.values()].map(({ name, inFlight, requests, failures }) => ({
      backend: name,
      inFlight,
      requests,
      failures,
    }));
  }

  async destroy(): Promise<void> {
    await Promise.all([...this.#byName.values()].map((upstream) => upstream.pool.destroy()));
    this.#byName.clear();
  }

  #forgetWhenIdle(upstream: Upstream): void {
    if (upstream.leaving) {
      upstream.wake();
      return;
    }
    upstream.leaving = true;
    const forget = (): void => {
      if (upstream.routed || upstream.inFlight > 0) return;
      off();
      if (this.#byName.get(upstream.name) === upstream) this.#byName.delete(upstream.name);
      upstream.pool.close().catch(() => undefined);
    };
    const off = upstream.onIdle(forget);
    upstream.wake();
  }
}

/**
 * The backend with the fewest requests in hand; among equals the next in turn, so that quiet applications spread too.
 * Backends that just refused come last, those in `tried` not at all.
 */
export function chooseUpstream(
  members: readonly Upstream[],
  tried: ReadonlySet<Upstream> | null,
  turn: number,
): Upstream | null {
  const only = members[0];
  if (members.length === 1 && only !== undefined && tried === null) return only;
  const now = Date.now();
  let best: Upstream | null = null;
  let bestLoad = Number.POSITIVE_INFINITY;
  for (let i = 0; i < members.length; i += 1) {
    const upstream = members[(i + turn) % members.length];
    if (upstream === undefined || tried?.has(upstream)) continue;
    const load = upstream.inFlight + (upstream.mistrustedUntil > now ? 1e9 : 0);
    if (load < bestLoad) {
      best = upstream;
      bestLoad = load;
    }
  }
  return best;
}
