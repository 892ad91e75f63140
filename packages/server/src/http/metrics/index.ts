import type { App, HttpContext } from '../context.ts';
import { overviewApplication } from '../views/overview-application.ts';
import { EXPOSITION_TYPE, exposition } from './exposition.ts';

const MOST_APPLICATIONS = 10_000;

/** For Prometheus: `GET /metrics` with an administrator's token as bearer. */
export function registerMetrics(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, overview } = context;

  app.get(
    '/metrics',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'Metrics of every environment, in the text format of Prometheus',
        tags: ['health'],
        produces: ['text/plain'],
      },
    },
    async (request, reply) => {
      const identity = await authorise(request, 'installation:admin');
      const found = await applications.list(
        {},
        { offset: 0, limit: MOST_APPLICATIONS },
        await accounts.reach(identity),
      );
      const lines = await overview.lines(found.applications.map(overviewApplication));
      const samples = lines.flatMap(({ slug, environments }) =>
        environments.flatMap(({ slug: environment, seconds_behind_newest_passed: value }) =>
          value === null ? [] : [{ labels: { application: slug, environment }, value }],
        ),
      );
      return reply.header('content-type', EXPOSITION_TYPE).send(
        exposition([
          {
            name: 'seconds_behind_newest_passed',
            help: 'Seconds since the newest commit that is not live passed; 0: the newest passed commit is live.',
            type: 'gauge',
            samples,
          },
        ]),
      );
    },
  );
}
