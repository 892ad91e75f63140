import type { Duplex, Readable } from 'node:stream';
import type { JobSettings } from '../script/config.ts';
import type { JobPlace } from '../script/index.ts';
import type { Installation } from '../toolchains/index.ts';

/** What an executor must know of a job before it makes room for it. */
export interface JobIdentity {
  jobId: number;
  attempt: number;
  repositoryUuid: string;
  /** `organisation/application`. */
  repositorySlug: string;
  /** Builds that are not trusted share nothing with others and get no settings that hold a password. */
  trusted: boolean;
  /** The Python that the job will make a virtualenv for; the executor may have one ready. */
  python: Installation | null;
  /** Names language and version, image and services, for an executor that can choose. */
  config: JobSettings;
  /** URLs of the server that the job must reach, for its clone and for Sluice's own commands. */
  origins: readonly string[];
  /** A line for the top of the job's log. */
  say(text: string): Promise<void> | void;
  /** Aborted when the job is ended before it has begun. */
  signal: AbortSignal;
}

/** How a job's process ended. */
export interface JobExit {
  /** Exit code of the job's bash; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** A limit of the executor that ended it, as a sentence for the log. */
  exceeded: string | null;
}

/** A running job. `output` is to be read to its end; what is not read makes the job wait. */
export interface JobProcess {
  /** Standard output and error as one stream of bytes, in the order in which they were written. */
  output: Readable;
  /** The line on the job's file descriptor 3 (`src/control.ts`). */
  control: Duplex;
  /** Settles when the process is gone and no process of the job is left. Never rejects. */
  exit: Promise<JobExit>;
  /** Asks all processes to end, and ends them after a short grace. Safe to call twice. */
  kill(): Promise<void>;
}

/**
 * Room for one job: made by `open`, used for one `start`, and given back by `close`, which ends everything that still
 * runs in it and removes its files.
 */
export interface Workplace {
  place: JobPlace;
  /** Null: the executor bounds it itself. */
  limits: { processes: number | null; memoryBytes: number | null; nice: number };
  start(script: string): Promise<JobProcess>;
  close(): Promise<void>;
}

/** Runs jobs on some kind of machine. May have several workplaces open at once. */
export interface Executor {
  readonly kind: string;
  /** Whether a job can neither see nor harm the machine and other jobs. */
  readonly isolates: boolean;
  /** Languages and their versions come with images that the executor chooses, not with the machine. */
  readonly usesImages?: boolean;
  /** For the top of every log, such as that there is no sandbox. */
  readonly notices: readonly string[];
  toolchains(): Promise<readonly Installation[]>;
  open(job: JobIdentity): Promise<Workplace>;
}
