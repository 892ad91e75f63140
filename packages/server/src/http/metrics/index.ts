import type { App, HttpContext } from '../context.ts';
import { overviewApplication } from '../views/overview-application.ts';
import { createMetrics, type EnvironmentFigures } from './registry.ts';

const MOST_APPLICATIONS = 10_000;

/** For Prometheus: `GET /metrics` with an administrator's token as bearer. */
export function registerMetrics(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, overview, system, telemetry } = context;
  const metrics = createMetrics();
  telemetry.onOutcome(metrics.outcome);

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    metrics.request(request.method, route, reply.statusCode, reply.elapsedTime / 1_000);
  });

  app.get(
    '/metrics',
    {
      config: { action: 'installation:admin' },
      schema: {
        summary: 'Metrics of the installation, in the text format of Prometheus',
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
      const environments = lines.flatMap(({ slug: application, environments: of }) =>
        of.map(
          (one): EnvironmentFigures => ({
            ...{ application, environment: one.slug },
            secondsBehind: one.seconds_behind_newest_passed,
          }),
        ),
      );
      const text = await metrics.text(await system.health(), environments);
      return reply.header('content-type', metrics.contentType).send(text);
    },
  );
}
