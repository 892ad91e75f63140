import type { Readable, Writable } from 'node:stream';

/**
 * What stands behind applications and outlives their releases: programs with data, such as a database, and bare volumes. Each has
 * one volume, named by its uuid alone, and at most one program over it, on the network of its environment and on no other.
 *
 *   up(spec)        again and again; makes only what is missing
 *   exec(uuid)      while its program runs
 *   down(uuid)      its program and its place in the network go, the volume stays
 *   erase(uuid)     the volume too
 *
 * Throws `RuntimeFailure`: `engine_unreachable` when the engine does not answer for a while.
 */
export interface Backing {
  /** Resolves when its program was started, which may yet take a while to be ready. */
  up(spec: BackingSpec): Promise<void>;
  /** Of its program. */
  state(serviceUuid: string): Promise<BackingState>;
  hasVolume(serviceUuid: string): Promise<boolean>;
  /** Whether its program ended at least once over the volume that is there: what it makes at its first start may be half made. */
  hasEnded(serviceUuid: string): Promise<boolean>;
  /** Runs another program beside the one that is there. Does not throw for its exit status. */
  exec(serviceUuid: string, request: ExecRequest): Promise<ExecResult>;
  /** The last lines that its program wrote; empty where there are none. */
  lastWords(serviceUuid: string): Promise<string>;
  down(serviceUuid: string, graceMs: number): Promise<void>;
  erase(serviceUuid: string): Promise<void>;
  /** Everything there is, known to the database or not. */
  all(): Promise<readonly BackingThere[]>;
  /** The files of its volume as a tar archive, whose names begin with `./`. */
  readVolume(serviceUuid: string): Promise<Readable>;
  /** Puts the files of such an archive (also gzip) into its volume, or a folder of it that is there, over what is there of the same names. */
  writeVolume(serviceUuid: string, archive: Readable, folder?: string): Promise<void>;
  /**
   * Runs a program of `image` with the volume at `/volume`, as root, without a network, and waits for its end; another that runs there
   * still is waited for first.
   */
  runOnVolume(serviceUuid: string, image: string, argv: readonly string[]): Promise<ExecResult>;
}

export type BackingState = 'running' | 'down' | 'missing';

export interface BackingThere {
  readonly serviceUuid: string;
  readonly program: BackingState;
  readonly volume: boolean;
}

export interface BackingSpec {
  readonly serviceUuid: string;
  readonly environmentUuid: string;
  /** Slug of the application, for people who look at the engine. */
  readonly application: string;
  /** Null: a bare volume. */
  readonly program: BackingProgram | null;
}

export interface BackingProgram {
  readonly image: string;
  /** Host name on the environment's network. */
  readonly alias: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Null: the image's own. */
  readonly command: readonly string[] | null;
  /** Where its data lie inside. */
  readonly dataPath: string;
  /** From SIGTERM, or what the image wants instead, to SIGKILL. */
  readonly stopSeconds: number;
}

export interface ExecRequest {
  readonly argv: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  /** Ends its standard input when it ends. */
  readonly stdin?: Readable;
  /** Where its standard output goes, which is not ended; absent: into the result. */
  readonly stdout?: Writable;
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly code: number;
  /** Their last 64 KB. */
  readonly stdout: string;
  readonly stderr: string;
}
