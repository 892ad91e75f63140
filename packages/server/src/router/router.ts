import { setTimeout as delay } from 'node:timers/promises';
import { SluiceError } from '../errors.ts';
import { ControlClient, NoRouter } from './control-client.ts';
import { isRunning, type ProcessIdentity, readIdentity, signalProcess } from './identity.ts';
import { type RouterPaths, routerPaths } from './paths.ts';
import { spawnRouter } from './spawn.ts';
import { trustDigest } from './trust.ts';
import {
  controlProtocol,
  defaultLimits,
  type HostRoute,
  type Route,
  type RouterEdge,
  type RouterLimits,
  type RouterState,
  type RouterStats,
} from './types.ts';

/** A part of pino's. */
export interface RouterLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

export interface RouterOptions {
  readonly dataDir: string;
  /** Where applications are reached. 0: the port of last time, else the first free one from `preferredPort` on. */
  readonly port: number;
  readonly host: string;
  readonly logger: RouterLogger;
  /** Default 8080. */
  readonly preferredPort?: number;
  readonly limits?: Partial<RouterLimits>;
  /** Proxies in front, such as one that ends TLS: addresses or networks whose `X-Forwarded-*` fields are believed. None by default. */
  readonly trustedProxies?: readonly string[];
  /** The edge in front, which proves itself by a secret instead of its address. */
  readonly edge?: RouterEdge | null;
}

/**
 * The server's handle on the router's process. Call `start` once; then everything else in any order, at any time, also
 * while the process is on its way back after a crash: commands wait for it.
 */
export interface Router {
  /** Adopts the running router or starts one. @throws SluiceError `unavailable`, for instance reason `port_taken`. */
  start(): Promise<{ port: number }>;
  /**
   * Points a host name at a release, atomically and durably.
   * @throws SluiceError `conflict`, reason `stale_version`; `invalid`; `unavailable` where the router does not come back.
   */
  setRoute(host: string, route: Route): Promise<void>;
  /** Several host names in one step: all of them or none. */
  setRoutes(routes: readonly HostRoute[]): Promise<void>;
  removeRoute(host: string): Promise<void>;
  routes(): Promise<HostRoute[]>;
  /** True once no route names `backend` (`host:port`) and it has nothing in hand; false when the time is over first. */
  drained(backend: string, timeoutMs: number): Promise<boolean>;
  stats(): Promise<RouterStats>;
  /** Lets go of the process, which goes on serving. */
  stop(): void;
  /** Ends the process after the requests it has in hand. Works without `start` too; no router is no error. */
  shutdown(): Promise<void>;
}

const commandTimeoutMs = 10_000;
/** How long a command waits for a router that is being started again. */
const comebackMs = 15_000;
const probeTimeoutMs = 3_000;
const silenceMs = 15_000;
const longestPauseMs = 5_000;

export function createRouter(options: RouterOptions): Router {
  return new RouterHandle(options);
}

class RouterHandle implements Router {
  readonly #options: RouterOptions;
  readonly #limits: RouterLimits;
  readonly #paths: RouterPaths;
  readonly #control: ControlClient;
  #watching = false;
  #endWatch: (() => void) | null = null;
  #restarts = 0;
  #comingBack: Promise<void> = Promise.resolve();

  constructor(options: RouterOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#paths = routerPaths(options.dataDir);
    this.#control = new ControlClient(this.#paths.socket);
  }

  async start(): Promise<{ port: number }> {
    const port = await this.#adoptOrSpawn();
    this.#watching = true;
    this.#watch();
    return { port };
  }

  async setRoute(host: string, route: Route): Promise<void> {
    await this.setRoutes([{ ...route, host }]);
  }

  async setRoutes(routes: readonly HostRoute[]): Promise<void> {
    await this.#call('PUT', '/v1/routes', { routes });
  }

  async removeRoute(host: string): Promise<void> {
    await this.#call('DELETE', `/v1/routes/${encodeURIComponent(host)}`, null);
  }

  async routes(): Promise<HostRoute[]> {
    return (await this.#call('GET', '/v1/routes', null))['routes'] as HostRoute[];
  }

  async drained(backend: string, timeoutMs: number): Promise<boolean> {
    const body = { backend, timeoutMs };
    const answer = await this.#call('POST', '/v1/drained', body, timeoutMs + commandTimeoutMs);
    return answer['drained'] === true;
  }

  async stats(): Promise<RouterStats> {
    return (await this.#call('GET', '/v1/stats', null)) as unknown as RouterStats;
  }

  stop(): void {
    this.#watching = false;
    this.#endWatch?.();
    this.#endWatch = null;
    this.#control.close();
  }

  async shutdown(): Promise<void> {
    this.stop();
    // A router that is just being started again has no identity yet, and would be left behind.
    await this.#comingBack;
    const identity = readIdentity(this.#paths.identity);
    if (identity === null || !isRunning(identity)) return;
    signalProcess(identity, 'SIGTERM');
    await this.#gone(identity, this.#limits.shutdownTimeoutMs + 5_000);
  }

  async #adoptOrSpawn(): Promise<number> {
    for (let round = 0; ; round += 1) {
      const found = await this.#adopt();
      if (typeof found === 'number') return found;
      try {
        const { dataDir, host, port, preferredPort = 8_080 } = this.#options;
        const started = await spawnRouter({
          dataDir,
          host,
          port,
          preferredPort,
          ...this.#trust,
          limits: this.#limits,
          replaces: found,
        });
        return started.port;
      } catch (error) {
        // Another server was quicker, or an old router is about to let go: look again.
        const rival = error instanceof SluiceError && error.reason === 'already_running';
        if (!rival || round >= 50) throw error;
        await delay(100);
      }
    }
  }

  /** The port of a router that runs and may stay, else the one that a new one is to replace; null where there is none. */
  async #adopt(): Promise<number | ProcessIdentity | null> {
    const identity = readIdentity(this.#paths.identity);
    if (identity === null || !isRunning(identity)) return null;
    const state = await this.#state();
    if (state?.pid !== identity.pid) {
      this.#options.logger.warn({ pid: identity.pid }, 'the router does not answer; replacing it');
      signalProcess(identity, 'SIGKILL');
      await this.#gone(identity, 5_000);
      return null;
    }
    const { host, port } = this.#options;
    const asWanted =
      state.protocol === controlProtocol &&
      state.host === host &&
      state.trust === trustDigest(this.#trust) &&
      (port === 0 || port === state.port);
    if (asWanted) {
      this.#options.logger.info({ pid: state.pid, port: state.port }, 'adopted the running router');
      return state.port;
    }
    this.#options.logger.info(
      { pid: state.pid },
      'the running router has other settings; replacing it',
    );
    return identity;
  }

  get #trust(): { trustedProxies: readonly string[]; edge: RouterEdge | null } {
    const { trustedProxies = [], edge = null } = this.#options;
    return { trustedProxies, edge };
  }

  async #state(): Promise<RouterState | null> {
    try {
      return (await this.#control.call(
        'GET',
        '/v1/state',
        null,
        probeTimeoutMs,
      )) as unknown as RouterState;
    } catch {
      return null;
    }
  }

  async #gone(identity: ProcessIdentity, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (isRunning(identity)) {
      if (Date.now() > deadline) signalProcess(identity, 'SIGKILL');
      await delay(20);
    }
  }

  #watch(): void {
    this.#endWatch = this.#control.watch(silenceMs, (why) => {
      if (!this.#watching) return;
      this.#options.logger.warn({ why }, 'the router was lost; starting it again');
      this.#comingBack = this.#comeBack().catch((error: unknown) => {
        this.#options.logger.error({ err: error }, 'the router does not come back');
      });
    });
  }

  /** Tries until a router runs or `stop` is called; at once at first, then with growing pauses. */
  async #comeBack(): Promise<void> {
    const since = Date.now();
    while (this.#watching) {
      const pauseMs = Math.min(longestPauseMs, this.#restarts === 0 ? 0 : 50 * 2 ** this.#restarts);
      await delay(pauseMs);
      if (!this.#watching) return;
      this.#restarts += 1;
      try {
        const port = await this.#adoptOrSpawn();
        this.#options.logger.info({ port, tookMs: Date.now() - since }, 'the router is back');
        setTimeout(() => {
          this.#restarts = 0;
        }, 10_000).unref();
        if (this.#watching) this.#watch();
        return;
      } catch (error) {
        this.#options.logger.error({ err: error }, 'the router could not be started');
      }
    }
  }

  /** Commands say what shall be, not what to change, so they may be sent again to a router that came back. */
  async #call(
    method: string,
    path: string,
    body: object | null,
    timeoutMs = commandTimeoutMs,
  ): Promise<Record<string, unknown>> {
    const deadline = Date.now() + comebackMs;
    for (;;) {
      try {
        return await this.#control.call(method, path, body, timeoutMs);
      } catch (error) {
        if (!(error instanceof NoRouter)) throw error;
        if (Date.now() < deadline) {
          await delay(50);
          continue;
        }
        throw new SluiceError('unavailable', 'The router does not answer.', {
          reason: 'router_gone',
          remedy: 'Its log is logs/router.log in the data directory.',
          cause: error,
        });
      }
    }
  }
}
