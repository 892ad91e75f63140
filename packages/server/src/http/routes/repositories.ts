import { randomBytes } from 'node:crypto';
import {
  DeployKeyRequest,
  HostKeyAccept,
  Repository,
  RepositoryCheck,
  RepositoryCreate,
  RepositoryPatch,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { createRepositoryAccess } from '../repository-access.ts';
import { repositoryJson } from '../views/repositories.ts';

const Path = Type.Object({ uuid: Uuid });
/** Whoever asks for a fetch waits so long at most; it goes on without them. */
const FETCH_WAIT_MS = 25_000;
const REQUIRED = ['This field is required.'];

/** Where code comes from: `/apps/v3/repositories/` (spec/divio.md 1 and 4.5). */
export function registerRepositories(app: App, context: HttpContext): void {
  const { accounts, authorise, git, store } = context;
  const repositories = createRepositoryAccess(context);

  app.post(
    '/apps/v3/repositories/',
    {
      config: { action: 'application:create' },
      schema: {
        summary: 'Make a mirror of an outside repository; with `url` only, validate it',
        tags: ['repositories'],
        body: RepositoryCreate,
        response: { 201: Repository },
      },
    },
    async (request, reply) => {
      const { body } = request;
      await authorise(request, 'self');
      const url = body.url?.trim() ?? '';
      const organisationUuid = body.organisation ?? '';
      if (url !== '') await git.mirrors.checkAddress(url);
      const missing = {
        ...(url === '' ? { url: REQUIRED } : {}),
        ...(organisationUuid === '' ? { organisation: REQUIRED } : {}),
      };
      if (Object.keys(missing).length > 0) {
        throw new SluiceError('invalid', 'Fields are missing.', { fields: missing });
      }
      const identity = await authorise(request, 'application:create', { organisationUuid });
      const made = await store.transaction(async (trx) => {
        const { slug } = await trx
          .selectFrom('organisations')
          .select('slug')
          .where('uuid', '=', organisationUuid)
          .executeTakeFirstOrThrow();
        return git.createMirror(trx, {
          // Its own name comes with the application that it is given to.
          slug: `${slug}/repository-${randomBytes(6).toString('hex')}`,
          ...{ organisationUuid, url, createdBy: identity.userUuid },
        });
      });
      await git.mirrors.setCredentials(made.uuid, {
        username: body.username ?? null,
        password: body.password ?? null,
      });
      const isSsh = !/^(https?|git):/.test(url);
      const keyType = body.key_type ?? (isSsh ? 'ED25519' : null);
      if (keyType !== null) await git.mirrors.makeKey(made.uuid, keyType);
      await accounts.audit(null, {
        ...{ actor: identity.email, action: 'repository.create' },
        ...{ target: `repository:${made.uuid}`, details: { url } },
      });
      reply.code(201);
      return repositoryJson(context, request, made);
    },
  );

  app.get(
    '/apps/v3/repositories/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'A repository: where it lies, how its fetching goes, its keys and its webhook',
        tags: ['repositories'],
        params: Path,
        response: { 200: Repository },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { repository } = await repositories.find(request, uuid, 'application:read');
      return repositoryJson(context, request, repository);
    },
  );

  /** What `change` says is done by those who may, written into the audit log, and the repository answered. */
  const changing = async (
    request: Parameters<typeof repositories.find>[0],
    uuid: string,
    action: string,
    details: Record<string, unknown>,
    change: () => Promise<unknown>,
  ) => {
    const { identity } = await repositories.find(request, uuid, 'application:write');
    await change();
    await accounts.audit(null, {
      ...{ actor: identity.email, action: `repository.${action}` },
      ...{ target: `repository:${uuid}`, details },
    });
    const repository = await git.get(uuid);
    if (repository === null) throw new SluiceError('not_found', 'Not found.');
    return repositoryJson(context, request, repository);
  };

  app.patch(
    '/apps/v3/repositories/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: "Change an outside repository's address or credentials",
        tags: ['repositories'],
        params: Path,
        body: RepositoryPatch,
        response: { 200: Repository },
      },
    },
    async (request) => {
      const { body, params } = request;
      const { url, username, password } = body;
      const details = { url, username, password: password === undefined ? undefined : '[changed]' };
      return changing(request, params.uuid, 'update', details, async () => {
        if (url !== undefined) await git.mirrors.setUrl(params.uuid, url.trim());
        if (username === undefined && password === undefined) return;
        await git.mirrors.setCredentials(params.uuid, {
          ...(username === undefined ? {} : { username }),
          ...(password === undefined ? {} : { password }),
        });
      });
    },
  );

  app.post(
    '/apps/v3/repositories/:uuid/check/',
    {
      config: { action: 'application:deploy' },
      schema: {
        summary: 'Fetch now and say how it went; a fetch that takes long goes on',
        tags: ['repositories'],
        params: Path,
        response: { 200: RepositoryCheck },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await repositories.find(request, uuid, 'application:deploy');
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<RepositoryCheck>((done) => {
        const detail = 'The fetch takes long; it goes on by itself.';
        timer = setTimeout(() => done({ code: 'running', detail }), FETCH_WAIT_MS);
      });
      const fetched = git.fetch(uuid).then(
        () => ({ code: 'success', detail: null }),
        (error: unknown) => failureJson(error),
      );
      return Promise.race([fetched, late]).finally(() => clearTimeout(timer));
    },
  );

  app.post(
    '/apps/v3/repositories/:uuid/key/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Make a deploy key for ssh, instead of the one that is there',
        tags: ['repositories'],
        params: Path,
        body: DeployKeyRequest,
        response: { 200: Repository },
      },
    },
    async (request) => {
      const { body, params } = request;
      const keyType = body.key_type ?? 'ED25519';
      return changing(request, params.uuid, 'key', { keyType }, () =>
        git.mirrors.makeKey(params.uuid, keyType),
      );
    },
  );

  app.post(
    '/apps/v3/repositories/:uuid/host-keys/accept/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Trust the key that an ssh host offers now, instead of the one before',
        tags: ['repositories'],
        params: Path,
        body: HostKeyAccept,
        response: { 200: Repository },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { fingerprint } = request.body;
      return changing(request, uuid, 'host_key', { fingerprint }, () =>
        git.mirrors.acceptHostKey(uuid, fingerprint),
      );
    },
  );
}

function failureJson(error: unknown): RepositoryCheck {
  if (!(error instanceof SluiceError)) throw error;
  const code = error.reason?.replace(/^fetch_/, '') ?? 'failed';
  return { code, detail: [error.message, error.remedy ?? ''].join(' ').trim() };
}
