import { listOf, PageQuery, Release, Uuid, Why } from '@sluice/contract';
import { Type } from 'typebox';
import { commitLine } from '../../overview/commit-lines.ts';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';
import { releaseJson } from '../views/apps.ts';

/** Kept releases, and what became of a commit. */
export function registerReleases(app: App, { deploy, find, git, running }: HttpContext): void {
  app.get(
    '/apps/v3/releases/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'The kept releases of an environment, newest first: what a rollback can choose',
        tags: ['apps'],
        querystring: Type.Object({ ...PageQuery, environment: Uuid }),
        response: { 200: listOf(Release) },
      },
    },
    async (request) => {
      const { environment } = await find.environment(
        request,
        request.query.environment,
        'application:read',
      );
      return wholeList(request, (await deploy.releases(environment.uuid)).map(releaseJson));
    },
  );

  app.get(
    '/apps/v3/commits/:commit/why/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'What became of a commit in each environment, and the rule that decided',
        tags: ['apps'],
        params: Type.Object({ commit: Type.String({ minLength: 1, maxLength: 250 }) }),
        querystring: Type.Object({ application: Type.String({ minLength: 1 }) }),
        response: { 200: Why },
      },
    },
    async (request) => {
      const { application } = await find.anyApplication(
        request,
        request.query.application,
        'application:read',
      );
      const view = await deploy.why(application.uuid, request.params.commit);
      const { uuid: applicationUuid, repositoryUuid } = application;
      const [info, build, milestones] = await Promise.all([
        git.commit(repositoryUuid, view.commit),
        running.build(repositoryUuid, view.commit),
        running.milestones({ applicationUuid, repositoryUuid, sha: view.commit }),
      ]);
      return {
        commit: view.commit,
        info: info === null ? null : commitLine(info),
        build:
          view.build === null
            ? null
            : { ...view.build, id: build?.id ?? null, number: build?.number ?? null },
        environments: view.environments.map(({ supersededBy, ...environment }) => ({
          ...environment,
          superseded_by: supersededBy,
        })),
        milestones: milestones.map((milestone) => ({ ...milestone })),
        events: [...view.events],
      };
    },
  );
}
