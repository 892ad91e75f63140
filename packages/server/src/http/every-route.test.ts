import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createRepository } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';
import { type RawAnswer, rawRequest } from '../../test/raw-request.ts';
import { createVictimBackups, type VictimBackups } from '../../test/victim-backups.ts';
import type { Scope, User } from '../accounts/index.ts';
import { numberOf } from './travis/numbers.ts';

/**
 * Walks every route of the OpenAPI document as everyone who should not get through, with the ids of another
 * organisation's things (spec/faults.md 32). A route that is added later is walked without a line here, unless it
 * has a new kind of parameter: then the test fails until that is filled in.
 *
 * Planted to see it fail: leaving `authorise` out of a handler, passing no target to it, listing without `reach`.
 */

/** Stands in names and values of the victim's things and must never be in an answer to anybody else. */
const MARK = 'victim-mark';

interface Victim {
  readonly organisation: string;
  readonly application: string;
  readonly websiteId: number;
  readonly environment: string;
  readonly variable: string;
  readonly domain: string;
  readonly backups: VictimBackups;
  readonly cronJob: string;
  readonly service: string;
  readonly pull: string;
  readonly deployment: string;
  readonly repository: string;
  /** The number that Travis clients know it by. */
  readonly repositoryId: number;
  readonly settingsVariable: string;
  readonly user: string;
  readonly token: string;
  readonly invitation: string;
  readonly session: string;
  readonly build: number;
  readonly job: number;
  readonly artifact: number;
  readonly commit: string;
}

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  readonly isTravis: boolean;
}

let server: HttpServer;
let victim: Victim;
let owner: string;
let operations: Operation[];
/** Everyone who has nothing to do with the victim's organisation. */
const strangers = new Map<string, string>();

beforeAll(async () => {
  server = await startHttpServer();
  ({ victim, owner } = await createVictim());
  await createStrangers();
  operations = await readOperations();
});

afterAll(() => server.stop());

let emails = 0;
async function person(role?: string, organisationUuid = server.organisationUuid): Promise<User> {
  emails += 1;
  return server.accounts.createUser(
    { email: `person${emails}@example.com`, password: null },
    role === undefined ? null : { organisationUuid, role },
    'test',
  );
}

async function createVictim(): Promise<{ victim: Victim; owner: string }> {
  const { uuid: organisation } = await server.accounts.createOrganisation(
    { name: MARK, owner: null },
    'test',
  );
  const user = await person('owner', organisation);
  const token = await server.tokenOf(user);
  const client = server.client(token);
  const application = await client.applications.create({ name: `${MARK} shop`, organisation });
  const { results } = await client.environments.list({ application: application.uuid });
  const environment = results[0]?.uuid ?? '';
  const variable = await client.variables.create({
    ...{ environment, name: 'VALUE', value: `${MARK}-value` },
  });
  const domain = await client.domains.create({ environment, name: `${MARK}.example.com` });
  const cronJob = await client.cron.create({
    ...{ environment, command: `echo ${MARK}`, schedule: '@daily' },
  });
  const service = await createService(application.uuid, environment);
  await client.repositories.update(application.repository_uuid, { active: true });
  const work = await createRepository();
  const commit = await work.commit(MARK, {
    '.travis.yml': `language: generic\nscript: echo ${MARK}\n`,
  });
  const url = new URL(application.git_url);
  url.username = 'x';
  url.password = token;
  await work.push(url.href);
  await work.branch('topic');
  await work.commit(`${MARK} topic`, { topic: MARK });
  await work.push(url.href, 'topic');
  await work.remove();
  const pull = await server.pulls.open(
    { repositoryUuid: application.repository_uuid, head: 'topic' },
    { userUuid: user.uuid, email: user.email, name: MARK },
  );
  // The push was answered, and with it the build it made.
  const { results: builds } = await client.builds.list({ application: application.uuid });
  const build = builds[0]?.id ?? 0;
  const deployment = await client.deployments.create({ environment });
  const [made] = await server.accounts.listTokens(user.uuid);
  const repositoryId = (await server.git.get(application.repository_uuid))?.id ?? 0;
  const settingsVariable = await server.settingsVariables.create(application.repository_uuid, {
    ...{ name: 'SHOWN', value: `${MARK}-setting`, isPublic: true },
  });
  const job = (await client.builds.get(build)).jobs[0]?.id ?? 0;
  const artifact = await leaveArtifact(application.repository_uuid, job);
  const knownUser = { uuid: user.uuid, email: user.email, isMachine: false, isAdmin: false };
  const browser = { userAgent: 'test', address: '127.0.0.1', token: null };
  const opened = await server.accounts.signIn.withOidc(knownUser, browser);
  await server.accounts.invitations.invite(
    { organisationUuid: organisation, email: `${MARK}@example.com`, role: 'admin' },
    'test',
  );
  const [invitation] = await server.accounts.invitations.list(organisation);
  return {
    owner: token,
    victim: {
      session: typeof opened === 'string' ? '' : opened.session.uuid,
      ...{ organisation, environment, build, commit },
      application: application.uuid,
      websiteId: application.id,
      variable: variable.uuid,
      domain: domain.uuid,
      cronJob: cronJob.uuid,
      service,
      pull: pull.uuid,
      backups: await createVictimBackups(server, application.uuid, environment, MARK),
      deployment: deployment.uuid,
      repository: application.repository_uuid,
      repositoryId,
      settingsVariable: settingsVariable.uuid,
      user: user.uuid,
      token: made?.uuid ?? '',
      invitation: invitation?.uuid ?? '',
      ...{ job, artifact },
    },
  };
}

/** A file that the victim's job has left. */
async function leaveArtifact(repositoryUuid: string, job: number): Promise<number> {
  const file = await server.store.blobs.incoming();
  await writeFile(file, `${MARK}-artifact`);
  const blob = `artifacts/${job}/1/0a`;
  await server.store.blobs.put(blob, file);
  const now = new Date();
  const { id } = await server.store.db
    .insertInto('ci_artifacts')
    .values({
      ...{ repository_uuid: repositoryUuid, job_id: job, attempt: 1, blob, sha256: 'none' },
      ...{ path: `${MARK}.txt`, size_bytes: `${MARK}-artifact`.length },
      created_at: now.toISOString(),
      expires_at: new Date(now.getTime() + 86_400_000).toISOString(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** By its row: the process runtime of this test makes none. */
async function createService(application: string, environment: string): Promise<string> {
  const uuid = randomUUID();
  await server.store.db
    .insertInto('service_instances')
    .values({
      ...{ uuid, application_uuid: application, environment_uuid: environment, place: uuid },
      ...{ kind: 'postgresql', prefix: 'DEFAULT', state: 'ready', image: MARK, problem: null },
      ...{ credentials_sealed: MARK, created_by: MARK, created_at: new Date().toISOString() },
      ...{ ready_at: null, removed_by: null, removed_at: null },
    })
    .execute();
  return uuid;
}

async function createStrangers(): Promise<void> {
  const ours = await server.client(server.admin.token).applications.create({
    ...{ name: 'Ours', organisation: server.organisationUuid },
  });
  const add = async (name: string, user: User, scopes?: readonly Scope[]) => {
    strangers.set(name, await server.tokenOf(user, scopes));
  };
  await add('nobody in particular', await person());
  for (const role of ['collaborator', 'deployer', 'admin', 'owner']) {
    await add(`${role} of another organisation`, await person(role));
  }
  const collaborator = await person();
  await server.accounts.collaborators.add(
    null,
    {
      applicationUuid: ours.uuid,
      organisationUuid: server.organisationUuid,
      userUuid: collaborator.uuid,
    },
    'test',
  );
  await add('collaborator on another application', collaborator);
  // The victim's own people, with less than they would need.
  const inside = await person('owner', victim.organisation);
  await add('a token of the owner for another application', inside, [
    { actions: ['application:write', 'application:delete'], applications: [ours.uuid] },
  ]);
  strangers.set('a job of another repository', await jobToken(ours.repository_uuid));
}

const jobToken = (repositoryUuid: string) => server.accounts.createJobToken(99, repositoryUuid);

async function readOperations(): Promise<Operation[]> {
  const { json } = await rawRequest(server.url, '/api/openapi.json');
  const { paths } = json as {
    paths: Record<
      string,
      Record<string, { security?: unknown[]; summary?: string; tags?: string[] }>
    >;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, summary, tags }]) => {
      if (summary === undefined) throw new Error(`${method} ${path} has no summary`);
      return {
        ...{ path, method: method.toUpperCase(), isPublic: security?.length === 0 },
        isTravis: tags?.includes('travis') === true,
      };
    }),
  );
}

/** The victim's id for each parameter of a path, by what stands before it. */
function fillPath(path: string): string {
  const ids: Record<string, string> = {
    'applications/{uuid}': victim.application,
    'environments/{uuid}': victim.environment,
    'environment-variables/{uuid}': victim.variable,
    'deployments/{uuid}': victim.deployment,
    'domains/{uuid}': victim.domain,
    'service-instance-backups/{uuid}': victim.backups.part,
    'backup-download-service-instances/{uuid}': victim.backups.download,
    'backup-restores/{uuid}': victim.backups.restore,
    'backup-schedules/{uuid}': victim.backups.schedule,
    '/backups/{uuid}': victim.backups.backup,
    'backup-uploads/{uuid}': victim.backups.part,
    '/downloads/{uuid}': victim.backups.wish,
    '/uploads/{uuid}': victim.backups.restore,
    'backup-files/{uuid}': victim.backups.download,
    '/{secret}': 'no-secret',
    'cronjobs/{uuid}': victim.cronJob,
    'service-instances/{uuid}': victim.service,
    'pull-requests/{uuid}': victim.pull,
    'organisations/{uuid}': victim.organisation,
    'access-tokens/{uuid}': victim.token,
    'users/{uuid}': victim.user,
    '/users/{id}': String(numberOf(victim.user)),
    '/accounts/{login}': MARK,
    'env_vars/{id}': victim.settingsVariable,
    'hooks/{id}': String(victim.repositoryId),
    'logs/{id}': String(victim.job),
    'repos/{id}': String(victim.repositoryId),
    'repos/{owner}': MARK,
    '/{name}': `${MARK}-shop`,
    'branches/{*}': 'main',
    'repo/{slug}': encodeURIComponent(`${MARK}/${MARK}-shop`),
    '/sessions/{uuid}': victim.session,
    '/passkeys/{uuid}': 'no-passkey',
    '/setup/{token}': 'no-link',
    'members/{user}': victim.user,
    'invitations/{invitation}': victim.invitation,
    'collaborators/{user}': victim.user,
    'repositories/{uuid}': victim.repository,
    'deliveries/{delivery}': 'no-delivery',
    'webhooks/{provider}': 'github',
    '/{hook}': 'no-hook',
    'builds/{id}': String(victim.build),
    'jobs/{id}': String(victim.job),
    'website/{id}': String(victim.websiteId),
    'slug-to-id/{slug}': victim.application,
    'commits/{commit}': victim.commit,
    'application-plan-groups/{uuid}': 'plan-self-hosted',
    'runners/{uuid}': 'no-runner',
    'images/{uuid}': 'no-image',
    'artifacts/{artifact}': String(victim.artifact),
    'runner-tokens/{uuid}': 'no-token',
    '/{organisation}': MARK,
    '/{repository}': `${MARK}-shop`,
  };
  let filled = path;
  for (const [pattern, id] of Object.entries(ids)) {
    filled = filled.replaceAll(pattern, pattern.replace(/\{[\w*]+\}/, id));
  }
  if (filled.includes('{')) throw new Error(`which id belongs into ${filled}?`);
  return filled;
}

/** How the Travis API names a repository, in writes as well; `q` is what searches look for. */
const travisQuery = () => `?repository_id=${victim.repositoryId}&ids[]=${victim.build}&q=${MARK}`;

const QUERIES = () =>
  [
    '',
    `?application=${victim.application}&environment=${victim.environment}`,
    `?organisation=${victim.organisation}`,
    `?backup=${victim.backups.wish}`,
    `?uuid=${victim.application}&slug=${MARK}-shop`,
    `?id=${victim.websiteId}`,
    `?repository=${victim.repository}&sha=${victim.commit}`,
    travisQuery(),
    '?service=git-upload-pack',
  ] as const;

/** Everything that any route takes, all of it pointing at the victim. */
const BODY = () =>
  JSON.stringify({
    ...{ application: victim.application, environment: victim.environment },
    ...{ organisation: victim.organisation, user: victim.user, role: 'owner' },
    ...{ name: 'Taken over', slug: 'taken-over', new_slug: 'taken-over', stage: 'test' },
    ...{ value: 'taken over', branch: 'taken-over', email: 'taken@example.com', active: false },
    ...{
      is_sensitive: false,
      is_primary: true,
      deployment: victim.deployment,
      commit: victim.commit,
    },
    ...{ backup: victim.backups.backup, to: victim.environment, cron: '0 3 * * *' },
    keep_count: 1,
    hook: { id: victim.repositoryId, active: false },
    env_var: { name: 'TAKEN', value: 'taken over', public: true },
    settings: { build_pushes: false },
    github_token: 'taken over',
    ...{ message: 'Taken over', files: [{ path: '.travis.yml', text: 'taken over' }] },
  });

function send(operation: Operation, query: string, token: string | null): Promise<RawAnswer> {
  const hasBody = operation.method !== 'GET' && operation.method !== 'DELETE';
  return rawRequest(server.url, `${fillPath(operation.path)}${query}`, {
    method: operation.method,
    headers: {
      ...(token === null ? {} : { authorization: `Token ${token}` }),
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
    },
    ...(hasBody ? { body: BODY() } : {}),
  });
}

const needsTheSocket = ({ path }: Operation) => path.startsWith('/runner/');

/** Every row that belongs to the victim, to see that nothing about it changed. */
async function victimRows(): Promise<unknown> {
  const { db } = server.store;
  const of = <T extends { organisation_uuid?: string }>(rows: T[]) => rows;
  return {
    applications: await db
      .selectFrom('applications')
      .selectAll()
      .where('uuid', '=', victim.application)
      .execute(),
    environments: await db
      .selectFrom('environments')
      .selectAll()
      .where('application_uuid', '=', victim.application)
      .execute(),
    variables: await db
      .selectFrom('environment_variables as v')
      .innerJoin('environments as e', 'e.uuid', 'v.environment_uuid')
      .selectAll('v')
      .where('e.application_uuid', '=', victim.application)
      .execute(),
    artifacts: await db
      .selectFrom('ci_artifacts')
      .selectAll()
      .where('job_id', '=', victim.job)
      .execute(),
    domains: await db
      .selectFrom('domains')
      .selectAll()
      .where('environment_uuid', '=', victim.environment)
      .execute(),
    backups: await server.store.db
      .selectFrom('backups')
      .leftJoin('restores', 'restores.backup_uuid', 'backups.uuid')
      .leftJoin('service_backups', 'service_backups.backup_uuid', 'backups.uuid')
      .leftJoin('backup_downloads', 'service_backup_uuid', 'service_backups.uuid')
      .select(['backups.uuid', 'restores.uuid as restore', 'backup_downloads.uuid as download'])
      .where('backups.application_uuid', '=', victim.application)
      .execute(),
    schedules: await db
      .selectFrom('backup_schedules')
      .selectAll()
      .where('application_uuid', '=', victim.application)
      .execute(),
    services: await db
      .selectFrom('service_instances')
      .selectAll()
      .where('application_uuid', '=', victim.application)
      .execute(),
    members: of(
      await db
        .selectFrom('memberships')
        .selectAll()
        .where('organisation_uuid', '=', victim.organisation)
        .execute(),
    ),
    collaborators: await db
      .selectFrom('application_collaborators')
      .selectAll()
      .where('application_uuid', '=', victim.application)
      .execute(),
    tokens: await db
      .selectFrom('access_tokens')
      .select(['uuid', 'revoked_at'])
      .where('user_uuid', '=', victim.user)
      .execute(),
    sessions: await db
      .selectFrom('sessions')
      .select('uuid')
      .where('user_uuid', '=', victim.user)
      .execute(),
    invitations: await db
      .selectFrom('account_links')
      .selectAll()
      .where('organisation_uuid', '=', victim.organisation)
      .execute(),
    signals: await db
      .selectFrom('signals')
      .selectAll()
      .where('environment_uuid', '=', victim.environment)
      .execute(),
    repository: await db
      .selectFrom('repositories')
      .selectAll()
      .where('uuid', '=', victim.repository)
      .execute(),
    refs: await db
      .selectFrom('repository_refs')
      .select(['ref', 'sha'])
      .where('repository_uuid', '=', victim.repository)
      .execute(),
    settingsVariables: await db
      .selectFrom('repository_env_vars')
      .selectAll()
      .where('repository_uuid', '=', victim.repository)
      .execute(),
    settings: await db
      .selectFrom('ci_repositories')
      .selectAll()
      .where('repository_uuid', '=', victim.repository)
      .execute(),
    builds: await db
      .selectFrom('builds')
      .select(['id', 'canceled_by', 'restarted_by'])
      .where('repository_uuid', '=', victim.repository)
      .execute(),
  };
}

describe('every route', () => {
  test('is in the document, and the ids in this test are real', async () => {
    expect(operations.length).toBeGreaterThan(60);
    for (const operation of operations) {
      if (operation.method !== 'GET' || needsTheSocket(operation)) continue;
      const query =
        operation.path.includes('info/refs') || operation.path.startsWith('/ci/v3/jobs')
          ? `?service=git-upload-pack&q=${MARK}`
          : `${travisQuery()}&application=${victim.application}&environment=${victim.environment}&backup=${victim.backups.wish}`;
      const { status } = await send(operation, query, owner);
      const isForAdministrators =
        /audit-log|iam\/v3\/users|system\/v3|ci\/v3\/runner|^\/metrics$/.test(operation.path);
      const isForeign = /access-tokens\/\{uuid\}|backup-files/.test(operation.path);
      if (isForAdministrators) expect(status, operation.path).toBe(403);
      // What is a WebSocket says so to whoever asks without one, once it has looked who asks.
      else if (operation.path.endsWith('/shell/')) expect(status, operation.path).toBe(426);
      else if (!isForeign) expect(status, operation.path).toBe(200);
    }
  });

  test('answers 401 without a credential, and with a wrong one', async () => {
    for (const operation of operations) {
      if (operation.isPublic && !needsTheSocket(operation)) continue;
      for (const token of [null, `slc_${'0'.repeat(40)}`, `slj_${'0'.repeat(40)}`]) {
        const { status, text } = await send(operation, '?service=git-upload-pack', token);
        // The travis command reads 401 as "not logged in" and 403 as "invalid access token".
        const expected = operation.isTravis && token !== null ? 403 : 401;
        expect(status, `${operation.method} ${operation.path}`).toBe(expected);
        expect(text).not.toContain(MARK);
      }
    }
  });

  test.each([
    'nobody in particular',
    'collaborator of another organisation',
    'deployer of another organisation',
    'admin of another organisation',
    'owner of another organisation',
    'collaborator on another application',
    'a token of the owner for another application',
    'a job of another repository',
  ])('gives nothing of the victim to %s, and changes nothing', async (name) => {
    const token = strangers.get(name) ?? '';
    const before = await victimRows();
    for (const operation of operations) {
      // Ends the token that asks, and with it the worth of all that follows.
      if (operation.path === '/access_token') continue;
      const queries = operation.method === 'GET' ? QUERIES() : ['', travisQuery()];
      for (const query of queries) {
        const answer = await send(operation, query, token);
        const label = `${operation.method} ${operation.path}${query} -> ${answer.status} ${answer.text.slice(0, 200)}`;
        expect(answer.status, label).toBeLessThan(500);
        expect(hides(answer, operation, name), label).toBe(true);
      }
    }
    expect(await victimRows()).toEqual(before);
  });
});

/** Whether an answer keeps the victim's things to itself. */
function hides({ status, text }: RawAnswer, { path, method }: Operation, name: string): boolean {
  const isOwners = name.startsWith('a token of the owner');
  // Its own people may know the organisation's name and its members, whatever the token's scope.
  const namesOrganisations = /^\/(iam\/v3\/(organisations|session)|accounts)\//.test(path);
  if (isOwners && namesOrganisations && method === 'GET') return true;
  const leaks =
    text.includes(MARK) ||
    [
      victim.variable,
      victim.domain,
      victim.service,
      victim.repository,
      victim.deployment,
      victim.settingsVariable,
      ...Object.values(victim.backups),
    ].some((id) => text.includes(id));
  if (leaks) return false;
  const namesTheVictim = /\{/.test(path) && !/plan-groups|\/setup\//.test(path);
  const isRefusal =
    status === 401 || status === 403 || status === 404 || status === 400 || status === 422;
  return isRefusal || (!namesTheVictim && status < 300);
}
