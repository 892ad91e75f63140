import type { Repository as RepositoryJson, WebhookDelivery } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import {
  type DeliveryView,
  type MirrorView,
  NEEDS_SOMEBODY,
  type Repository,
} from '../../git/index.ts';
import type { HttpContext } from '../context.ts';
import { absoluteUrl } from '../lists.ts';

const REWRITTEN = 10;

export async function repositoryJson(
  context: HttpContext,
  request: FastifyRequest,
  repository: Repository,
): Promise<RepositoryJson> {
  const { applications, git } = context;
  const { uuid } = repository;
  const mirror = await git.mirrors.get(uuid);
  const application = await applications.byRepository(uuid);
  const cloneUrl = absoluteUrl(request, `/${repository.slug}.git`).href;
  return {
    uuid,
    organisation: repository.organisationUuid,
    application: application?.uuid ?? null,
    kind: repository.kind,
    url: repository.url ?? cloneUrl,
    dsn: repository.url ?? cloneUrl,
    state: stateOf(mirror),
    auth_info: mirror?.publicKey ?? null,
    key_type: mirror?.keyType ?? null,
    username: mirror?.username ?? null,
    has_password: mirror?.hasPassword ?? false,
    default_branch: repository.defaultBranch,
    remote_head: mirror?.remoteHead ?? null,
    last_attempt_at: mirror?.lastAttemptAt ?? null,
    last_success_at: mirror?.lastSuccessAt ?? null,
    last_error: mirror?.lastError ?? null,
    last_error_reason: mirror?.lastErrorReason ?? null,
    failures: mirror?.failures ?? 0,
    next_fetch_at: mirror?.nextFetchAt ?? null,
    moved_to: mirror?.movedTo ?? null,
    moved_from: mirror?.movedFrom ?? null,
    moved_at: mirror?.movedAt ?? null,
    host_keys: (mirror?.hostKeys ?? []).map((key) => ({
      host: key.host,
      key_type: key.keyType,
      fingerprint: key.fingerprint,
      state: key.state,
      seen_at: key.seenAt,
    })),
    webhook: await webhookJson(context, uuid),
    missing_branches:
      application === null ? [] : await missingBranches(context, uuid, application.uuid),
    rewritten: await rewritten(context, uuid),
  };
}

function stateOf(mirror: MirrorView | null): RepositoryJson['state'] {
  if (mirror === null || mirror.lastSuccessAt !== null) return 'CLONED';
  return NEEDS_SOMEBODY.has(mirror.lastErrorReason ?? '') ? 'INVALID' : 'CLONING';
}

/** Where a host is to send its webhooks. */
export const webhookUrl = (context: HttpContext, provider: string, hookUuid: string): string =>
  `${context.publicUrl()}/webhooks/${provider}/${hookUuid}/`;

async function webhookJson(context: HttpContext, repositoryUuid: string) {
  const hook = await context.git.webhooks.get(repositoryUuid);
  if (hook === null) return null;
  return {
    url: webhookUrl(context, hook.provider, hook.uuid),
    provider: hook.provider,
    created_at: hook.createdAt,
    last_delivery_at: hook.lastDeliveryAt,
  };
}

async function missingBranches(
  { applications, git }: HttpContext,
  repositoryUuid: string,
  applicationUuid: string,
): Promise<RepositoryJson['missing_branches']> {
  const there = new Set(await git.history(repositoryUuid).branches());
  if (there.size === 0) return [];
  return (await applications.environments(applicationUuid))
    .filter(({ branch }) => !there.has(branch))
    .map(({ slug, branch }) => ({ environment: slug, branch }));
}

async function rewritten(
  { store }: HttpContext,
  repositoryUuid: string,
): Promise<RepositoryJson['rewritten']> {
  const rows = await store.db
    .selectFrom('pushes')
    .select(['ref', 'before_sha', 'after_sha', 'received_at'])
    .where('repository_uuid', '=', repositoryUuid)
    .where('forced', '=', 1)
    .orderBy('id', 'desc')
    .limit(REWRITTEN)
    .execute();
  return rows.map((row) => ({
    ref: row.ref,
    before: row.before_sha,
    after: row.after_sha,
    at: row.received_at,
  }));
}

export function deliveryJson(delivery: DeliveryView, withBody: boolean): WebhookDelivery {
  return {
    uuid: delivery.uuid,
    provider: delivery.provider,
    delivery_id: delivery.deliveryId,
    event: delivery.event,
    state: delivery.state,
    result: delivery.result,
    attempts: delivery.attempts,
    received_at: delivery.receivedAt,
    processed_at: delivery.processedAt,
    headers: { ...delivery.headers },
    body: withBody ? delivery.body : null,
  };
}
