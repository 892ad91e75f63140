import { ApplicationDetail, Repository, RepositoryConnect, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { applicationJson } from '../views/apps.ts';
import { repositoryJson } from '../views/repositories.ts';

const Path = Type.Object({ uuid: Uuid });

/** An application's repository moves elsewhere or comes back; its builds, keys and deployments stay with it. */
export function registerRepositoryConnect(app: App, context: HttpContext): void {
  const { accounts, find, git, store } = context;

  app.post(
    '/apps/v3/applications/:uuid/repository/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: "Turn an application's hosted repository into a mirror of an outside one",
        tags: ['repositories'],
        params: Path,
        body: RepositoryConnect,
        response: { 200: Repository },
      },
    },
    async (request) => {
      const { body, params } = request;
      const of = await find.application(request, params.uuid, 'application:write');
      const uuid = of.application.repositoryUuid;
      const before = await git.get(uuid);
      if (before?.kind === 'mirror') {
        throw new SluiceError('conflict', `It is connected to ${before.url} already.`, {
          reason: 'already_connected',
          remedy: 'Change the address of the repository instead, or disconnect it first.',
        });
      }
      const url = body.url.trim();
      await git.mirrors.checkAddress(url);
      const branches = await git.history(uuid).branches();
      if (branches.length > 0 && body.replace !== true) {
        throw new SluiceError(
          'conflict',
          `The hosted repository has ${branches.length} branches.`,
          {
            reason: 'not_empty',
            remedy: 'They give way to those at the address: say `replace` if that is meant.',
          },
        );
      }
      await store.transaction(async (trx) => {
        await git.mirrors.connect(trx, uuid, url, of.identity.userUuid);
        await accounts.audit(trx, {
          ...{ actor: of.identity.email, action: 'repository.connect' },
          ...{ target: `repository:${uuid}`, details: { url } },
        });
      });
      const { username = null, password = null } = body;
      await git.mirrors.setCredentials(uuid, { username, password });
      const isSsh = !/^(https?|git):/.test(url);
      const keyType = body.key_type ?? (isSsh ? 'ED25519' : null);
      if (keyType !== null) await git.mirrors.makeKey(uuid, keyType);
      const repository = await git.get(uuid);
      if (repository === null) throw new SluiceError('not_found', 'Not found.');
      return repositoryJson(context, request, repository);
    },
  );

  app.delete(
    '/apps/v3/applications/:uuid/repository/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Turn a mirror into a hosted repository that has what was fetched last',
        tags: ['repositories'],
        params: Path,
        response: { 200: ApplicationDetail },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application, identity } = await find.application(request, uuid, 'application:write');
      const repository = await git.get(application.repositoryUuid);
      if (repository?.kind !== 'mirror') {
        throw new SluiceError('conflict', 'The repository is hosted here already.', {
          reason: 'already_hosted',
        });
      }
      await store.transaction(async (trx) => {
        await git.mirrors.disconnect(trx, repository.uuid);
        await accounts.audit(trx, {
          ...{ actor: identity.email, action: 'repository.disconnect' },
          ...{ target: `repository:${repository.uuid}`, details: { url: repository.url } },
        });
      });
      return applicationJson(context, request, application);
    },
  );
}
