import type { Readable } from 'node:stream';
import type { Backing, ExecRequest, ExecResult } from '../deploy/runtimes/backing.ts';
import { SluiceError } from '../errors.ts';
import type { ServicesContext, ServicesOptions } from './context.ts';
import { type Injected, injectedBy } from './injected.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import { KINDS, kindOf } from './kinds/index.ts';
import { createRecords, type NewService, type Records, type ServiceFilter } from './records.ts';
import { createRounds } from './rounds.ts';
import type { Credentials, ServiceInstance, ServiceKind } from './types.ts';

export type { Credentials, KindName, ServiceInstance, ServiceKind, ServiceType } from './types.ts';

/** Databases, caches and storage behind environments. They outlive deployments, releases and servers. */
export interface Services {
  /** What can be attached here; empty where the runtime has no place for it. */
  readonly kinds: readonly ServiceKind[];
  list(filter: ServiceFilter): Promise<ServiceInstance[]>;
  get(uuid: string): Promise<ServiceInstance | null>;
  /** Its row is there at once, the rest follows. Throws `invalid` (`no_services`) where the runtime has no place for it. */
  create(input: NewService): Promise<ServiceInstance>;
  /** Its data are kept for the days of grace. */
  remove(uuid: string, by: string): Promise<ServiceInstance>;
  restore(uuid: string, environmentUuid: string): Promise<ServiceInstance>;
  /** After an environment was removed: its services too, as by `remove`. */
  environmentRemoved(environmentUuid: string, by: string): Promise<void>;
  /** After an application was removed: its services' programs end, rows and data stay for when it is restored. */
  applicationChanged(): void;
  /** After one environment was made as a copy of another: the same services, empty. */
  environmentCopied(fromUuid: string, toUuid: string, by: string): Promise<void>;
  /** Throws `invalid` (`no_services`) where the runtime has no place for them. */
  refuseWhereThereAreNone(): void;
  /** What releases get of it, whether or not it is there yet. */
  describe(instance: ServiceInstance): ServiceDescription;
  /** The same with the values, which hold its credentials. */
  reveal(instance: ServiceInstance): Promise<Record<string, string>>;
  /** Until when a removed one can come back. */
  keptUntil(instance: ServiceInstance): string | null;
  /**
   * Step 1 of a deployment: resolves when every service of the environment answers, having started what was gone. Throws
   * `unavailable` (`service_unreachable`) with the reason.
   */
  attach(
    environmentUuid: string,
    say: (text: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  injected(environmentUuid: string): Promise<Injected>;
  /** The service itself, for whoever dumps or fills it: nobody starts, stops or removes it until `work` has ended. */
  use<T>(uuid: string, work: (service: ServiceInUse) => Promise<T>): Promise<T>;
  start(): void;
  stop(): Promise<void>;
  purge(): Promise<void>;
}

export interface ServiceDescription {
  readonly kind: ServiceKind;
  /** Names alone. */
  readonly variables: readonly string[];
  readonly mountPath: string | null;
}

/** A service that answers, held by the one who uses it. */
export interface ServiceInUse {
  readonly instance: ServiceInstance;
  readonly kind: ServiceKind;
  readonly credentials: Credentials;
  /** Runs a program in its container; not for a bare volume. */
  exec(request: ExecRequest): Promise<ExecResult>;
  /** Files of its volume as a tar archive, and back. A program over it should not be writing meanwhile. */
  readVolume(): Promise<Readable>;
  writeVolume(archive: Readable): Promise<void>;
  /** Ends its program; its volume stays. */
  halt(): Promise<void>;
  /** Starts it again and waits until it answers. Throws `unavailable`. */
  resume(): Promise<void>;
}

const DAY_MS = 24 * 60 * 60_000;
const HALT_GRACE_MS = 60_000;

export function createServices(options: ServicesOptions): Services {
  const context: ServicesContext = { now: () => new Date(), ...options };
  const { backing, settings, store, now } = context;
  const records = createRecords(context);
  const performing = backing === null ? null : perform(context, backing, records);
  const needed = () => {
    if (performing === null) throw noServices();
    return performing;
  };
  const wake = ({ uuid }: ServiceInstance): void => {
    performing?.rounds.settleSoon(uuid);
    store.events.emit('services');
  };
  const changing = async (change: Promise<ServiceInstance>): Promise<ServiceInstance> => {
    const instance = await change;
    wake(instance);
    return instance;
  };

  return {
    kinds: backing === null ? [] : KINDS,
    list: records.list,
    get: records.get,
    create: async (input) => {
      needed();
      return changing(records.create(input));
    },
    remove: (uuid, by) => changing(records.remove(uuid, by)),
    restore: async (uuid, environmentUuid) => {
      needed();
      return changing(records.restore(uuid, environmentUuid));
    },
    environmentRemoved: async (environmentUuid, by) => {
      const left = await records.list({ environmentUuids: [environmentUuid] });
      for (const { uuid } of left) await changing(records.remove(uuid, by));
    },
    applicationChanged: () => store.events.emit('services'),
    environmentCopied: async (fromUuid, toUuid, by) => {
      if (performing === null) return;
      for (const { applicationUuid, kind, prefix } of await records.list({
        environmentUuids: [fromUuid],
      })) {
        await changing(
          records.create({ environmentUuid: toUuid, applicationUuid, kind, prefix, by }),
        );
      }
    },
    refuseWhereThereAreNone: () => void needed(),
    describe: ({ kind: name, prefix }) => {
      const kind = kindOf(name);
      const nobody = { user: '', password: '', database: '' };
      return {
        kind,
        variables: Object.keys(kind.variables(prefix, nobody)),
        mountPath: kind.mountPath(prefix),
      };
    },
    reveal: async ({ uuid, kind, prefix }) =>
      kindOf(kind).variables(prefix, await records.credentials(uuid)),
    keptUntil: ({ removedAt }) =>
      removedAt === null
        ? null
        : new Date(Date.parse(removedAt) + settings.graceDays * DAY_MS).toISOString(),
    attach: async (environmentUuid, say, signal) => {
      const instances = await records.list({ environmentUuids: [environmentUuid] });
      if (instances.length === 0) await say('No services are attached to this environment.');
      for (const instance of instances) await needed().attach(instance, say, signal);
    },
    injected: (environmentUuid) => injectedBy(records, environmentUuid),
    use: (uuid, work) => needed().use(uuid, work),
    start: () => performing?.rounds.start(),
    stop: async () => performing?.rounds.stop(),
    purge: async () => performing?.rounds.purge(now(), settings.graceDays),
  };
}

/** For people: `PostgreSQL DEFAULT`. */
const nameOf = ({ kind, prefix }: ServiceInstance): string => `${kindOf(kind).title} ${prefix}`;

/** What is done on the engine. */
function perform(context: ServicesContext, backing: Backing, records: Records) {
  const keeper: Keeper = createKeeper(context, backing, records);
  const { readyMs } = context.settings;

  const attach = async (
    instance: ServiceInstance,
    say: (text: string) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> => {
    const begun = Date.now();
    const problem = await keeper.settle(instance.uuid, readyMs, signal);
    const seconds = ((Date.now() - begun) / 1_000).toFixed(1);
    if (problem === null) {
      await say(`${nameOf(instance)} is reachable (${seconds} s).`);
      return;
    }
    const words = await backing.lastWords(instance.uuid).catch(() => '');
    if (words !== '') await say(`What ${nameOf(instance)} wrote last:\n${words}`);
    throw unreachable(instance, problem, seconds);
  };

  const use: Services['use'] = (uuid, work) =>
    keeper.alone(uuid, async () => {
      const instance = await records.known(uuid);
      const resume = async () => {
        const problem = await keeper.bringUp(instance, readyMs);
        if (problem !== null) throw unreachable(instance, problem, String(readyMs / 1_000));
      };
      await resume();
      return work({
        instance,
        kind: kindOf(instance.kind),
        credentials: await records.credentials(uuid),
        exec: (request) => backing.exec(uuid, request),
        readVolume: () => backing.readVolume(uuid),
        writeVolume: (archive) => backing.writeVolume(uuid, archive),
        halt: () => backing.down(uuid, HALT_GRACE_MS),
        resume,
      });
    });

  return { attach, use, rounds: createRounds(context, backing, records, keeper) };
}

function unreachable(instance: ServiceInstance, problem: string, seconds: string): SluiceError {
  return new SluiceError(
    'unavailable',
    `Service ${nameOf(instance)} is not reachable after ${seconds} s. ${problem}`,
    { reason: 'service_unreachable' },
  );
}

function noServices(): SluiceError {
  const text =
    'This installation runs applications as processes, which have no services behind them. An administrator may start the server with --runtime docker; until then set DATABASE_URL to a database of your own.';
  return new SluiceError('invalid', text, {
    reason: 'no_services',
    fields: { non_field_errors: [text] },
  });
}
