import { CommitMade, CommitRequest, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { Identity } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { withDeployToken } from '../deploy-token.ts';

/** Commits by people who have no clone at hand: the panel writes `.travis.yml` and `Procfile` for them. */
export function registerCommits(app: App, context: HttpContext): void {
  const { accounts, applications, find, git, onboarding } = context;

  app.post(
    '/apps/v3/applications/:uuid/commits/',
    {
      config: { action: 'repository:push' },
      schema: {
        summary: 'Commit files on top of a branch; it goes the way of a push',
        tags: ['apps'],
        params: Type.Object({ uuid: Uuid }),
        body: CommitRequest,
        response: { 201: CommitMade },
      },
    },
    async (request, reply) => {
      const { body, params } = request;
      const { application, identity } = await find.application(
        request,
        params.uuid,
        'repository:push',
      );
      const { repositoryUuid } = application;
      const files = await filesOf(body);
      const branch = body.branch || (await defaultBranch(application.uuid, repositoryUuid));
      const commit = async (written: ReadonlyMap<string, string>): Promise<string> =>
        git.commitFiles(repositoryUuid, {
          branch,
          message: body.message,
          author: await authorOf(identity),
          pusherUuid: identity.userUuid,
          files: written,
          ...(body.expected === undefined ? {} : { expected: body.expected }),
        });
      let sha: string;
      if (body.encrypt_token === true) {
        // The token may do what its maker may do, and no more.
        await find.application(request, params.uuid, 'application:deploy');
        const present =
          files.get('.travis.yml') ?? (await travisFile(repositoryUuid, branch)) ?? null;
        sha = await withDeployToken(context, { application, identity, present }, (text) =>
          commit(new Map([...files, ['.travis.yml', text]])),
        );
      } else {
        sha = await commit(files);
      }
      await accounts.audit(null, {
        actor: identity.email,
        action: 'repository.commit',
        target: `application:${application.uuid}`,
        details: { sha, branch, files: [...files.keys()] },
      });
      reply.code(201);
      return { sha, branch };
    },
  );

  const filesOf = async (body: CommitRequest): Promise<Map<string, string>> => {
    const starter = body.starter ? await onboarding.starters.files(body.starter) : new Map();
    const files = new Map([
      ...starter,
      ...(body.files ?? []).map(({ path, text }): [string, string] => [path, text]),
    ]);
    if (files.size === 0 && body.encrypt_token !== true) {
      throw new SluiceError('invalid', 'There is nothing to commit.', {
        fields: { files: ['Name at least one file, or a starter.'] },
      });
    }
    return files;
  };

  const defaultBranch = async (applicationUuid: string, repositoryUuid: string) => {
    const repository = await git.get(repositoryUuid);
    if (repository?.defaultBranch) return repository.defaultBranch;
    const [first] = await applications.environments(applicationUuid);
    return first?.branch ?? 'main';
  };

  const travisFile = async (repositoryUuid: string, branch: string): Promise<string | null> => {
    const head = await git.history(repositoryUuid).head(branch);
    return head === null ? null : git.readFile(repositoryUuid, head, '.travis.yml');
  };

  const authorOf = async ({ userUuid, email }: Identity) => {
    const user = await accounts.users.get(userUuid);
    return { name: `${user?.firstName ?? ''} ${user?.lastName ?? ''}`.trim(), email };
  };
}
