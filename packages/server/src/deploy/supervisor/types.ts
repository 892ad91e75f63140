import type { ProcessIdentity } from '../../router/identity.ts';

/**
 * What the supervisor is told and what it tells. Values only: it knows nothing of releases, runtimes or the
 * database, it keeps programs running.
 *
 * Life cycle of an instance: `PUT` starts it and it is kept running (with back-off) until `DELETE` has
 * answered; both are idempotent. Supervisor, server and machine may die in between.
 */
export interface InstanceSpec {
  readonly id: string;
  readonly environmentUuid: string;
  /** Names its lines in the application's log: `web`, `worker`, ... */
  readonly service: string;
  readonly program: ProgramSpec;
  /** Reserved for it while it exists, also between two starts. */
  readonly port: number | null;
  /** From SIGTERM to SIGKILL. */
  readonly graceMs: number;
}

/** One program with everything it sees. `argv[0]` is found on `env.PATH` inside the sandbox. */
export interface ProgramSpec {
  readonly argv: readonly string[];
  /** The whole environment; never on a command line, where other users could read it. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Options of bubblewrap; null runs it without a sandbox. */
  readonly sandbox: readonly string[] | null;
}

export interface ExitInfo {
  /** Null when a signal ended it, or when nobody could see how it ended. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly at: string;
}

export interface InstanceStatus {
  readonly id: string;
  readonly environmentUuid: string;
  readonly service: string;
  readonly port: number | null;
  /** `waiting`: it exited and is started again after a pause. */
  readonly state: 'running' | 'waiting' | 'stopping';
  readonly process: ProcessIdentity | null;
  readonly startedAt: string | null;
  /** How often it ended by itself. */
  readonly exits: number;
  readonly lastExit: ExitInfo | null;
  /** Why it could not be started, if that is so. */
  readonly problem: string | null;
}

/** What an instance's processes use together at one moment. */
export interface InstanceUsage {
  readonly id: string;
  /** Processor time of those that are there and of the children that they waited for. Falls when one of them ends. */
  readonly cpuMs: number;
  /** Memory that several share counts once. */
  readonly memoryBytes: number;
  readonly processes: number;
}

/** A command that runs once; its result stays in its directory until somebody removes that. */
export interface TaskSpec {
  readonly id: string;
  readonly directory: string;
  readonly program: ProgramSpec;
  readonly timeoutMs: number;
  /** Lowers its priority, so that a build does not starve the live applications. */
  readonly nice: boolean;
}

export interface SupervisorState {
  readonly protocol: number;
  readonly pid: number;
}

/** Raised when the protocol changes; a client that speaks another one replaces the process. */
export const supervisorProtocol = 1;
