import { Insights, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import { createInsights } from '../../insights/index.ts';
import type { App, HttpContext } from '../context.ts';

const Path = Type.Object({ uuid: Uuid });
const Query = Type.Object({
  /** UTC days, today included; default 30. */
  days: Type.Optional(Type.Integer({ minimum: 1, maximum: 180 })),
  /** Its slug or uuid; default `live`, else the last one. */
  environment: Type.Optional(Type.String()),
});
/** More commits than this in two periods are not each looked at. */
const MOST_COMMITS = 50_000;

/** The figures of one application. */
export function registerInsights(app: App, { applications, find, git, store }: HttpContext): void {
  const insights = createInsights({
    store,
    commits: (repositoryUuid, heads, without) =>
      git.history(repositoryUuid).graph(heads, without, MOST_COMMITS),
  });

  app.get(
    '/apps/v3/applications/:uuid/insights/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'How often and how well an application is deployed, and how its builds fare',
        tags: ['apps'],
        params: Path,
        querystring: Query,
        response: { 200: Insights },
      },
    },
    async (request) => {
      const { environment: asked, days = 30 } = request.query;
      const { application } = await find.application(
        request,
        request.params.uuid,
        'application:read',
      );
      const environments = await applications.environments(application.uuid);
      const environment = asked
        ? environments.find(({ slug, uuid }) => slug === asked || uuid === asked)
        : (environments.find(({ slug }) => slug === 'live') ?? environments.at(-1));
      if (asked && environment === undefined) {
        throw new SluiceError('invalid', `There is no environment "${asked}".`, {
          fields: { environment: [`There is no environment "${asked}" in this application.`] },
        });
      }
      return insights.of({
        repositoryUuid: application.repositoryUuid,
        environment: environment ?? null,
        environments: environments.map(({ slug }) => slug),
        days,
      });
    },
  );
}
