import type { EnvironmentLimits } from '../../applications/index.ts';
import type { Backing } from './backing.ts';
import type { LimitPolicy, ResourceLimits } from './limits.ts';
import type { Shell, TerminalSize } from './shell.ts';

/**
 * How releases run. One implementation for each kind of machine (`process/`, later `docker/`, `swarm/`), all with
 * the same life cycle, which the pipeline drives and which one contract suite tests:
 *
 *   build(image)          once for each image; on failure the runtime leaves nothing behind
 *   verify(image)         before every start, so that what was built is what runs
 *   release(command)      any number of times, one after the other, in throw-away surroundings
 *   start(instance)       new instances beside the old ones
 *   probe(instance)       until it is healthy, or is not going to be
 *   stop(instance)        also those that failed; idempotent
 *   removeImage(image)    when no release needs it
 *
 * Calls for different images and instances may run at the same time. Whatever was started outlives the server;
 * `instances` says what is there, so that a restarted one adopts it. Failures that concern the user are
 * `RuntimeFailure`; their message is the last line of the deployment's log.
 */
export interface Runtime {
  readonly name: string;
  readonly capabilities: RuntimeCapabilities;
  /** Null: this runtime has no place for services behind an environment. */
  readonly backing: Backing | null;
  /** What environments may use; null: this runtime limits nothing. */
  readonly limits: LimitPolicy | null;
  /** What besides the commit decides what a build makes; part of an image's identity. */
  inputs(): Promise<string>;
  /** Where the pipeline checks out the commit. Fresh and empty. */
  prepareSource(imageUuid: string): Promise<string>;
  build(request: BuildRequest): Promise<BuiltImage>;
  /** Answers what is wrong with the image, null when it is whole. */
  verify(imageUuid: string, image: BuiltImage): Promise<string | null>;
  removeImage(imageUuid: string): Promise<void>;
  /** Every image that takes up room, known to the database or not. */
  imageUuids(): Promise<string[]>;
  /** What these images take up, by uuid; those that are not there are left out. */
  imageSizes(imageUuids: readonly string[]): Promise<ReadonlyMap<string, ImageSize>>;
  /** Where images are kept besides, such as `registry.example.com/team`; null: nowhere. */
  readonly registry: string | null;
  /** An image's name there, by digest; null: it is here alone. */
  nameInRegistry(image: BuiltImage): string | null;
  /** Commands that the image itself wants run before each release, such as Procfile's `release`. */
  releaseCommands(image: BuiltImage): readonly ReleaseCommand[];
  /** Runs, or after a crash adopts, the command with this id. It never runs twice. */
  release(request: ReleaseRequest): Promise<void>;
  /** Forgets the commands of all deployments (the part of their ids before `-release-`) but these: nobody asks for them again. */
  endTasks(unfinished: ReadonlySet<string>): Promise<void>;
  /** Forgets one command, when nothing can ask for it again. */
  endTask(taskId: string): Promise<void>;
  /** The services that `start` is to be called for; exactly one of them takes requests. */
  services(image: BuiltImage): readonly Service[];
  start(request: StartRequest): Promise<StartedInstance>;
  probe(request: ProbeRequest): Promise<HealthyInstance>;
  /** Resolves when it is gone; one that is not there is. */
  stop(instanceUuid: string, graceMs: number): Promise<void>;
  instances(): Promise<RunningInstance[]>;
  /** What each instance uses now; null where this cannot be told. */
  usage(): Promise<readonly RunningUsage[] | null>;
  logs(environmentUuid: string, cursor: string | null, limit: number): Promise<LogPage>;
  /** Adds lines to the application's log that no instance wrote. */
  note(environmentUuid: string, service: string, lines: readonly string[]): void;
  /** A person's program in throw-away surroundings of a release. It ends with the server at the latest, or by `endShell`. */
  openShell(request: ShellRequest): Promise<Shell>;
  /** Those that take up room, whoever opened them. */
  shellUuids(): Promise<string[]>;
  endShell(shellUuid: string): Promise<void>;
  /** Begins to keep what is started running, and adopts what runs. */
  watch(): Promise<void>;
  unwatch(): Promise<void>;
}

export interface RuntimeCapabilities {
  /** Titles of the two sections of the deployment's log that depend on the runtime (spec/divio.md 3.5). */
  readonly buildTitle: string;
  readonly releaseTitle: string;
}

/** What a build made: the runtime's own description (JSON) and the digest of all its bytes. */
export interface BuiltImage {
  readonly plan: string;
  readonly digest: string;
}

export interface ImageSize {
  readonly bytes: number;
  /** Without what it shares with other images; null where nobody can tell. */
  readonly ownBytes: number | null;
}

export interface BuildRequest {
  readonly imageUuid: string;
  /** Slug of the application, and the commit: an image is named by both. */
  readonly application: string;
  readonly sha: string;
  readonly log: (text: string) => Promise<void>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface ReleaseCommand {
  readonly label: string;
  readonly command: string;
}

export interface ReleaseRequest {
  /** Unique for (deployment, position); the key that keeps it from running twice. */
  readonly taskId: string;
  readonly environmentUuid: string;
  readonly imageUuid: string;
  readonly image: BuiltImage;
  readonly command: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly mounts: readonly ServiceMount[];
  readonly limits: EnvironmentLimits;
  readonly log: (text: string) => Promise<void>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The volume of a service (`Backing`), seen at a path. */
export interface ServiceMount {
  readonly serviceUuid: string;
  readonly path: string;
}

export interface Service {
  readonly name: string;
  readonly takesRequests: boolean;
}

export interface StartRequest {
  readonly instanceUuid: string;
  readonly environmentUuid: string;
  readonly imageUuid: string;
  readonly image: BuiltImage;
  readonly service: Service;
  readonly variables: Readonly<Record<string, string>>;
  readonly mounts: readonly ServiceMount[];
  readonly limits: EnvironmentLimits;
  /** The port it had before; null: a free one is chosen. */
  readonly port: number | null;
  readonly graceMs: number;
}

export interface StartedInstance {
  readonly host: string;
  /** Null for a service that takes no requests. */
  readonly port: number | null;
}

export interface ProbeRequest {
  readonly instanceUuid: string;
  readonly environmentUuid: string;
  readonly started: StartedInstance;
  /** Sent as `Host`. */
  readonly hostName: string;
  readonly timing: ProbeTiming;
  readonly signal: AbortSignal;
}

/** Times of spec/divio.md 3.2. */
export interface ProbeTiming {
  readonly connectWithinMs: number;
  readonly responseWithinMs: number;
  readonly connectAttemptMs: number;
  readonly attempts: number;
  /** How long a service without requests must stay up. */
  readonly settleMs: number;
}

export const defaultProbeTiming: ProbeTiming = {
  connectWithinMs: 60_000,
  responseWithinMs: 20_000,
  connectAttemptMs: 400,
  attempts: 300,
  settleMs: 2_000,
};

export interface HealthyInstance {
  /** The address that answered, which may be another than `start` supposed. */
  readonly host: string;
  /** One line for the log. */
  readonly summary: string;
}

export interface RunningInstance {
  readonly instanceUuid: string;
  readonly environmentUuid: string;
  readonly service: string;
  readonly port: number | null;
  readonly exits: number;
  /** False between an end of its own and its next start. */
  readonly isUp: boolean;
  /** What it was started with; null where nothing limits it. */
  readonly limits: ResourceLimits | null;
  /** How it ended last; null: it did not, or nobody can tell. */
  readonly lastExit: InstanceExit | null;
}

export interface InstanceExit {
  readonly at: string;
  /** Null: by a signal, or nobody can tell. */
  readonly status: number | null;
  readonly signal: string | null;
  /** Whether it needed more than its limit. */
  readonly outOfMemory: boolean;
}

/** What the processes of an instance use together. */
export interface RunningUsage {
  readonly instanceUuid: string;
  /** Processor time since its processes began; falls when one of them ends. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
  readonly processes: number;
}

/** A program of a person's in throw-away surroundings of a release. */
export interface ShellRequest {
  readonly shellUuid: string;
  readonly environmentUuid: string;
  readonly imageUuid: string;
  readonly image: BuiltImage;
  readonly mounts: readonly ServiceMount[];
  readonly limits: EnvironmentLimits;
  readonly variables: Readonly<Record<string, string>>;
  /** Program and arguments; empty: the best shell that there is. */
  readonly command: readonly string[];
  /** Null: no terminal. */
  readonly terminal: TerminalSize | null;
}

export interface LogPage {
  readonly entries: readonly {
    readonly timestamp: string;
    readonly service: string;
    readonly message: string;
    /** Null: not of an instance, but about one. */
    readonly instance: string | null;
  }[];
  readonly cursor: string;
}

/** Something that the user must see and may be able to change. The message stands by itself, on one line. */
export class RuntimeFailure extends Error {
  override readonly name = 'RuntimeFailure';
  readonly reasonCode: string;
  /** Lines for the log alone, such as what a program wrote last. */
  readonly details: string | null;

  constructor(
    reasonCode: string,
    message: string,
    more: { readonly cause?: unknown; readonly details?: string } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.reasonCode = reasonCode;
    this.details = more.details ?? null;
  }
}
