import type { BuildEvent, Outcome } from '../states.ts';

/** The notifications of a configuration by kind, as `selectNotifications` leaves them (spec/travis.md 9). */
export type Configured = Readonly<Record<string, readonly unknown[]>>;

export type Kind = 'email' | 'webhooks' | 'slack';

/** Whom to tell. Encrypted addresses stay so until they are used. */
export interface Target {
  readonly kind: Kind;
  /** Missing: the people of the commit, as far as the service knows them. */
  readonly to?: string | { readonly secure: string };
  /** Slack: lines in place of our own. */
  readonly template?: readonly string[];
}

export interface Occasion {
  readonly event: BuildEvent;
  /** Null: the build has begun. */
  readonly outcome: Outcome | null;
  /** How the build before it on the same branch ended; null: there is none. */
  readonly previous: Outcome | null;
}

type Frequency = 'always' | 'never' | 'change';

const CALLBACKS: Readonly<Record<Outcome, string>> = {
  passed: 'on_success',
  failed: 'on_failure',
  errored: 'on_error',
  canceled: 'on_cancel',
};
const ADDRESSES: Readonly<Record<Kind, string>> = {
  email: 'recipients',
  webhooks: 'urls',
  slack: 'rooms',
};
/** More receivers than this are a mistake or an abuse. */
const MAX_TARGETS = 100;

/** Whom to tell of a build's begin or end. Pure; without any configuration the people of the commit get email. */
export function decideNotifications(configured: Configured, occasion: Occasion): Target[] {
  const targets: Target[] = [];
  for (const kind of ['email', 'webhooks', 'slack'] as const) {
    const entries = configured[kind] ?? (kind === 'email' ? [{}] : []);
    for (const entry of entries) {
      if (isMap(entry) && isWanted(kind, entry, occasion)) targets.push(...targetsOf(kind, entry));
    }
  }
  return unique(targets).slice(0, MAX_TARGETS);
}

function isWanted(kind: Kind, entry: Record<string, unknown>, occasion: Occasion): boolean {
  if (entry['enabled'] === false) return false;
  if (occasion.event === 'pull_request') {
    if (kind === 'email' || entry['on_pull_requests'] === false) return false;
  }
  const frequency = frequencyOf(kind, entry, occasion.outcome);
  // The first build of a branch counts as a change.
  return (
    frequency === 'always' || (frequency === 'change' && occasion.outcome !== occasion.previous)
  );
}

function frequencyOf(
  kind: Kind,
  entry: Record<string, unknown>,
  outcome: Outcome | null,
): Frequency {
  const written = entry[outcome === null ? 'on_start' : CALLBACKS[outcome]];
  if (written === 'always' || written === 'never' || written === 'change') return written;
  if (outcome === null) return 'never';
  return kind === 'email' && outcome === 'passed' ? 'change' : 'always';
}

function targetsOf(kind: Kind, entry: Record<string, unknown>): Target[] {
  const given = entry[ADDRESSES[kind]];
  const template = Array.isArray(entry['template'])
    ? entry['template'].filter((line) => typeof line === 'string')
    : typeof entry['template'] === 'string'
      ? [entry['template']]
      : [];
  const list = Array.isArray(given) ? given : given === undefined ? [] : [given];
  if (list.length === 0) return kind === 'email' ? [{ kind }] : [];
  return list
    .filter(isAddress)
    .map((to) => ({ kind, to, ...(template.length > 0 ? { template } : {}) }));
}

function isAddress(value: unknown): value is string | { secure: string } {
  if (typeof value === 'string') return value.trim() !== '';
  return isMap(value) && typeof value['secure'] === 'string';
}

function unique(targets: readonly Target[]): Target[] {
  return [...new Map(targets.map((target) => [JSON.stringify(target), target])).values()];
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
