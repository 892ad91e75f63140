import { SluiceError } from '../../errors.ts';
import type { Git } from '../../git/types.ts';
import type { Store } from '../../store/index.ts';
import type { DeploymentRow } from '../../store/schema/deploy.ts';
import { loadEnvironment } from '../engine/environment.ts';
import { newest } from '../engine/verdicts.ts';
import { type WhyAnswer, type WhyFacts, whyState } from './why-state.ts';

interface WhyEnvironment extends WhyAnswer {
  readonly slug: string;
}

interface WhyEvent {
  readonly at: string;
  readonly environment: string;
  readonly deployment: string;
  readonly from: string | null;
  readonly to: string;
  readonly rule: string;
  readonly superseded_by: string | null;
  readonly reason: string | null;
}

export interface WhyView {
  readonly commit: string;
  readonly build: { readonly state: string | null; readonly url: string | null } | null;
  readonly environments: readonly WhyEnvironment[];
  readonly events: readonly WhyEvent[];
}

const MOST_EVENTS = 500;

/** Answers what became of a commit in each environment of an application, with the rule that decided. */
export function createWhy({ store, git }: { store: Store; git: Pick<Git, 'history'> }) {
  return async (applicationUuid: string, commitText: string): Promise<WhyView> => {
    const application = await store.db
      .selectFrom('applications')
      .select('repository_uuid')
      .where('uuid', '=', applicationUuid)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (!application) throw new SluiceError('not_found', 'There is no such application.');
    const { repository_uuid: repositoryUuid } = application;
    const history = git.history(repositoryUuid);
    const commit = await resolve(history, commitText);
    const build = (await newest(store, repositoryUuid, commit)) ?? null;
    const present = await history.present(commit);
    const environments = await environmentsOf(store, applicationUuid);
    const deployments = await deploymentsOf(store, applicationUuid, commit);
    const rows: WhyEnvironment[] = [];
    for (const environment of environments) {
      const own = deployments.filter((row) => row.environment_uuid === environment.uuid);
      const state = await stateOf(store, environment.uuid);
      const facts: WhyFacts = {
        present,
        build: build?.state ?? null,
        gate: (await loadEnvironment(store, environment.uuid)).gate,
        deployments: own,
        live: state?.live_sha === commit && state.live_deployment_uuid !== null,
        liveDeployment: state?.live_deployment_uuid ?? null,
      };
      rows.push({ slug: environment.slug, ...whyState(facts) });
    }
    return {
      commit,
      build: build === null ? null : { state: build.state, url: build.url },
      environments: rows,
      events: await eventsOf(store, deployments, environments),
    };
  };
}

/** A text that means nothing here is answered as it is: the commit is `unknown` everywhere. */
async function resolve(history: ReturnType<Git['history']>, text: string): Promise<string> {
  const trimmed = text.trim();
  const found = await history.resolve(trimmed);
  if ('sha' in found) return found.sha;
  if (found.kind === 'ambiguous') {
    const message = `"${trimmed}" is ambiguous: ${(found.candidates ?? []).join(', ')}.`;
    throw new SluiceError('invalid', message, { fields: { commit: [message] } });
  }
  return trimmed;
}

const environmentsOf = (store: Store, applicationUuid: string) =>
  store.db
    .selectFrom('environments')
    .select(['uuid', 'slug'])
    .where('application_uuid', '=', applicationUuid)
    .where('deleted_at', 'is', null)
    .orderBy('position')
    .execute();

const stateOf = (store: Store, environmentUuid: string) =>
  store.db
    .selectFrom('environment_state')
    .select(['live_sha', 'live_deployment_uuid'])
    .where('environment_uuid', '=', environmentUuid)
    .executeTakeFirst();

/** Newest first, each with the uuid of the one that took its place. */
async function deploymentsOf(store: Store, applicationUuid: string, commit: string) {
  const rows = await store.db
    .selectFrom('deployments')
    .selectAll()
    .where('application_uuid', '=', applicationUuid)
    .where('sha', '=', commit)
    .orderBy('number', 'desc')
    .execute();
  return Promise.all(rows.map(async (row) => ({ ...row, supersededBy: await named(store, row) })));
}

async function named(
  store: Store,
  row: Pick<DeploymentRow, 'environment_uuid' | 'superseded_by'>,
): Promise<string | null> {
  if (row.superseded_by === null) return null;
  const by = await store.db
    .selectFrom('deployments')
    .select('uuid')
    .where('environment_uuid', '=', row.environment_uuid)
    .where('number', '=', row.superseded_by)
    .executeTakeFirst();
  return by?.uuid ?? null;
}

async function eventsOf(
  store: Store,
  deployments: readonly DeploymentRow[],
  environments: readonly { uuid: string; slug: string }[],
): Promise<WhyEvent[]> {
  if (deployments.length === 0) return [];
  const rows = await store.db
    .selectFrom('deployment_events')
    .selectAll()
    .where(
      'deployment_uuid',
      'in',
      deployments.slice(0, 100).map((row) => row.uuid),
    )
    .orderBy('id')
    .limit(MOST_EVENTS)
    .execute();
  return Promise.all(
    rows.map(async (row) => ({
      at: row.at,
      environment: environments.find((one) => one.uuid === row.environment_uuid)?.slug ?? '',
      deployment: row.deployment_uuid,
      from: row.from_status,
      to: row.to_status,
      rule: row.rule,
      superseded_by: await named(store, row),
      reason: row.reason,
    })),
  );
}
