import type { BuildView, Deployment } from '@sluice/contract';
import type { Graph } from './graph.ts';
import { type Action, BRANCH, type Storm } from './storm.ts';

/** Everything that was seen from outside during one storm. Times are milliseconds since 1970. */
export interface StormRecord {
  readonly storm: Storm;
  readonly graph: Graph;
  readonly begunAt: number;
  readonly endedAt: number;
  readonly deeds: readonly DeedRecord[];
  /** What the address of the application served, one entry for each change. */
  readonly pages: readonly PageSeen[];
  readonly requests: number;
  /** Deployments that several looks found to be queued or running at the same moment. */
  readonly crowds: readonly Crowd[];
  /** At the end, oldest first; `commit` is the storm's name for it, the SHA where it has none. */
  readonly deployments: readonly SeenDeployment[];
  readonly builds: readonly SeenBuild[];
  /** The commit that the API calls live at the end. */
  readonly liveCommit: string | null;
  readonly onHold: boolean;
  /** It did not become quiet: what was still open. */
  readonly restless: string | null;
}

export interface DeedRecord {
  readonly action: Action;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Why it was refused; null: done. */
  readonly refusal: string | null;
  /** Of a signal, a rollback or a resume. */
  readonly deployment: string | null;
  /** What a signal was resolved to when it was accepted. */
  readonly commit: string | null;
}

export interface PageSeen {
  readonly at: number;
  readonly status: number;
  /** The commit whose page it is; null for any other answer. */
  readonly commit: string | null;
}

export interface Crowd {
  readonly at: number;
  readonly what: 'queued' | 'running';
  readonly deployments: readonly string[];
}

export type SeenDeployment = Omit<Deployment, 'commit'> & {
  readonly commit: string | null;
  /** Its place among the environment's deployments, from 1: how the timeline calls it. */
  readonly number: number;
};

export type SeenBuild = BuildView & { readonly commit: string };

export const time = (text: string): number => Date.parse(text);

/** The clocks of this machine and the server may differ by so much, and looking takes time. */
export const SLACK_MS = 1_500;

/**
 * Heads that the branch may have had between two moments. A push counts for both of its sides while it was under
 * way; null: the branch did not exist yet.
 */
export function headsBetween(record: StormRecord, from: number, to: number): (string | null)[] {
  let heads: (string | null)[] = [null];
  for (const { action, sentAt, answeredAt, refusal } of record.deeds) {
    if (action.do !== 'push' && action.do !== 'force-push') continue;
    if (action.branch !== BRANCH || refusal !== null || sentAt > to) continue;
    heads = answeredAt < from ? [action.commit] : [...heads, action.commit];
  }
  return heads;
}

/** The branch at the end. */
export const lastHead = (record: StormRecord): string | null =>
  headsBetween(record, record.endedAt, record.endedAt).at(-1) ?? null;
