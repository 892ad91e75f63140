import { DeploymentStory, Instances, Usage, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { instanceJson, storyJson, usageJson } from '../views/running.ts';

const Path = Type.Object({ uuid: Uuid });
/** As long as samples are kept. */
const MOST_HOURS = 7 * 24;

/** How a deployment came and went, and what runs now. */
export function registerRunning(app: App, { find, running }: HttpContext): void {
  app.get(
    '/apps/v3/deployments/:uuid/story/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Steps with durations, commits, signals and decisions of a deployment',
        tags: ['apps'],
        params: Path,
        response: { 200: DeploymentStory },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await find.deployment(request, uuid, 'application:read');
      const story = await running.story(uuid);
      if (story === null) throw new SluiceError('not_found', 'Not found.');
      return storyJson(story);
    },
  );

  app.get(
    '/apps/v3/environments/:uuid/instances/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'What runs for an environment, with what each instance uses now',
        tags: ['apps'],
        params: Path,
        response: { 200: Instances },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { environment } = await find.environment(request, uuid, 'application:read');
      const instances = await running.instances(environment.uuid);
      return { instances: instances.map(instanceJson) };
    },
  );

  app.get(
    '/apps/v3/environments/:uuid/usage/',
    {
      config: { action: 'application:read' },
      schema: {
        summary:
          'Processor, memory and restarts of an environment over the last hours, at most a week',
        tags: ['apps'],
        params: Path,
        querystring: Type.Object({
          hours: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: MOST_HOURS })),
        }),
        response: { 200: Usage },
      },
    },
    async (request) => {
      const { environment } = await find.environment(
        request,
        request.params.uuid,
        'application:read',
      );
      return usageJson(await running.usage(environment.uuid, request.query.hours ?? 1));
    },
  );
}
