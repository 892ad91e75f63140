import { CommitStatusTarget, CommitStatusTargetSet, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';

const Path = Type.Object({ uuid: Uuid });
const tags = ['pull requests'];
const Answer = Type.Object({ target: Type.Union([CommitStatusTarget, Type.Null()]) });

/** Where builds and deployments of an application are shown as commit statuses. */
export function registerStatusTarget(app: App, context: HttpContext): void {
  const { accounts, find, pulls } = context;
  const { statusTargets } = pulls;

  const answer = async (repositoryUuid: string) => {
    const found = await statusTargets.of(repositoryUuid);
    if (found === null) return { target: null };
    const { apiUrl, updatedAt, lastError, ...target } = found;
    return { target: { ...target, api_url: apiUrl, updated_at: updatedAt, last_error: lastError } };
  };

  app.get(
    '/apps/v3/applications/:uuid/commit-status-target/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Where commit statuses go, and how that works; never the token',
        tags,
        params: Path,
        response: { 200: Answer },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application } = await find.application(request, uuid, 'application:read');
      return answer(application.repositoryUuid);
    },
  );

  app.put(
    '/apps/v3/applications/:uuid/commit-status-target/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Show builds and deployments at GitHub, GitLab, Gitea, Forgejo or Bitbucket',
        tags,
        params: Path,
        body: CommitStatusTargetSet,
        response: { 200: Answer },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application, identity } = await find.application(request, uuid, 'application:write');
      const { provider, api_url: apiUrl, slug, token } = request.body;
      await statusTargets.set(
        application.repositoryUuid,
        { provider, slug, token, ...(apiUrl === undefined ? {} : { apiUrl }) },
        identity.email,
      );
      await accounts.audit(null, {
        actor: identity.email,
        action: 'commit_status_target.set',
        target: `application:${uuid}`,
        details: { provider, slug },
      });
      return answer(application.repositoryUuid);
    },
  );

  app.delete(
    '/apps/v3/applications/:uuid/commit-status-target/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Send no more commit statuses, and forget the token',
        tags,
        params: Path,
        response: { 200: Answer },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application, identity } = await find.application(request, uuid, 'application:write');
      await statusTargets.remove(application.repositoryUuid);
      await accounts.audit(null, {
        actor: identity.email,
        action: 'commit_status_target.remove',
        target: `application:${uuid}`,
      });
      return { target: null };
    },
  );
}
