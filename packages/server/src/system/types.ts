/** `unknown`: nothing can be said; it does not count for the whole. */
export type Status = 'ok' | 'unknown' | 'degraded' | 'failing';

/** One thing that Sluice needs, and how it is. */
export interface Part {
  readonly name: string;
  readonly status: Status;
  /** What was found, a sentence. */
  readonly detail: string;
  /** What to do about it; null where nothing is to be done. */
  readonly advice: string | null;
}

/** Where jobs run. */
export interface Executor {
  /** As it names itself in leases. */
  readonly name: string;
  readonly slots: number;
  /** Whether each job has a sandbox of its own. */
  readonly isolates: boolean;
  /** Why it has none, or what else its owner should know. */
  readonly notices: readonly string[];
  /** What keeps its jobs apart, where it is on another machine; absent: it runs inside this server. */
  readonly remote?: string;
}

export interface MaintenanceState {
  /** Repositories that wait for it. */
  readonly waiting: number;
  /** The newest failure of each repository whose last maintenance failed. */
  readonly failures: readonly { readonly repositoryUuid: string; readonly message: string }[];
}

/** How the edge in front is driven. */
export interface EdgeState {
  /** Whether Caddy is known to run with the configuration that it should have. */
  readonly inStep: boolean;
  readonly since: string;
  /** Why it is not, with what to do; null where it is. */
  readonly problem: string | null;
  /** Host names of the installation itself. */
  readonly names: readonly string[];
}

/** What only the other rooms can tell, joined by `server.ts`. */
export interface Probes {
  /** A sentence about the router's process; throws when it does not answer. */
  router(): Promise<string>;
  supervisor(): Promise<string>;
  executors(): readonly Executor[];
  /** The runners on other machines that take jobs now. */
  remoteExecutors(): Promise<readonly Executor[]>;
  maintenance(): MaintenanceState;
  /** Null where nothing in front is kept by Sluice. */
  edge(): EdgeState | null;
}

export const ok = (name: string, detail: string): Part => ({
  ...{ name, detail, status: 'ok', advice: null },
});

export const worst = (parts: readonly Part[]): Exclude<Status, 'unknown'> => {
  if (parts.some(({ status }) => status === 'failing')) return 'failing';
  return parts.some(({ status }) => status === 'degraded') ? 'degraded' : 'ok';
};
