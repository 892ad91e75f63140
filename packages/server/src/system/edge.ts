import type { SystemHealth } from '@sluice/contract';
import type { Store } from '../store/index.ts';
import { type EdgeState, ok, type Part } from './types.ts';
import { count, spanText } from './words.ts';

export type EdgeHealth = NonNullable<SystemHealth['edge']>;

const SOON_MS = 7 * 24 * 60 * 60_000;
/** Caddy is looked for all the time; for a moment of its own restart nobody is told. */
const BRIEF_MS = 30_000;

/** Whether Caddy runs as it should, and what certificate each domain has; null where nothing is in front. */
export async function readEdge({ db }: Store, edge: EdgeState | null): Promise<EdgeHealth | null> {
  if (edge === null) return null;
  const rows = await db
    .selectFrom('domains as d')
    .innerJoin('environments as e', 'e.uuid', 'd.environment_uuid')
    .innerJoin('applications as a', 'a.uuid', 'e.application_uuid')
    .leftJoin('domain_checks as c', 'c.domain_uuid', 'd.uuid')
    .select(['d.name', 'e.slug as environment', 'a.name as application', 'c.certificate'])
    .select(['c.issuer', 'c.expires_at', 'c.points', 'c.detail', 'c.checked_at'])
    .where('e.deleted_at', 'is', null)
    .where('a.deleted_at', 'is', null)
    .orderBy('c.expires_at')
    .orderBy('d.name')
    .execute();
  return {
    ...{ in_step: edge.inStep, since: edge.since, problem: edge.problem, names: [...edge.names] },
    domains: rows,
  };
}

/** Pure. */
export function judgeEdge(edge: EdgeHealth, now: number): Part {
  const name = 'edge';
  const { in_step: inStep, since, problem, domains } = edge;
  if (!inStep && now - Date.parse(since) > BRIEF_MS) {
    return {
      ...{ name, status: 'failing' },
      detail: `Caddy does not have its configuration since ${spanText(now - Date.parse(since))}: ${problem ?? ''}`,
      advice:
        'What it serves goes on as it was. Start Caddy, or look into its log; it gets its configuration by itself.',
    };
  }
  if (!inStep) return ok(name, `Caddy is being told its configuration: ${problem ?? ''}`);
  const pending = domains.filter(({ certificate }) => certificate === 'pending');
  const ending = domains.filter(
    ({ expires_at }) => expires_at !== null && Date.parse(expires_at) - now < SOON_MS,
  );
  const detail = `Caddy has its configuration, for ${spanText(now - Date.parse(since))} now; ${count(domains.length, 'domain')}.`;
  if (ending.length > 0) {
    return {
      ...{ name, status: 'degraded' },
      detail: `${detail} A certificate ends within a week: ${ending.map((one) => one.name).join(', ')}.`,
      advice: 'Caddy renews in time by itself; that it did not has a reason in its log.',
    };
  }
  if (pending.length > 0) {
    return {
      ...{ name, status: 'degraded' },
      detail: `${detail} Without a certificate: ${pending.map((one) => one.name).join(', ')}.`,
      advice: 'The domains’ own page says of each what is missing, mostly an entry in the DNS.',
    };
  }
  return ok(name, detail);
}
