import { ArtifactList } from '@sluice/contract';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import { type CiRoutes, createCiAccess } from './access.ts';
import { artifactHeaders, viewType } from './artifact-headers.ts';

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const JobPath = Type.Object({ id: Id });
const ArtifactPath = Type.Object({ id: Id, artifact: Id });

/** Files that jobs have left: `/ci/v3/jobs/ID/artifacts/`. */
export function registerArtifacts(app: App, routes: CiRoutes): void {
  const { ci } = routes;
  const access = createCiAccess(routes);

  app.get(
    '/ci/v3/jobs/:id/artifacts/',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'The artifacts of a job, of its newest attempt or another',
        tags: ['ci'],
        params: JobPath,
        querystring: Type.Object({ attempt: Type.Optional(Type.Integer({ minimum: 1 })) }),
        response: { 200: ArtifactList },
      },
    },
    async (request) => {
      const { id } = request.params;
      await access.job(request, id, 'build:read');
      const { attempt, artifacts } = await ci.artifacts.list(id, request.query.attempt);
      const results = artifacts.map((one) => ({ ...one, viewable: viewType(one.path) !== null }));
      return { attempt, results };
    },
  );

  app.get(
    '/ci/v3/jobs/:id/artifacts/:artifact/',
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'An artifact as it was left; `view=1` shows text and pictures in a browser',
        tags: ['ci'],
        params: ArtifactPath,
        querystring: Type.Object({
          view: Type.Optional(Type.Union([Type.Literal('1'), Type.Literal('')])),
        }),
      },
    },
    async (request, reply) => {
      const { id, artifact: wanted } = request.params;
      await access.job(request, id, 'build:read');
      const found = await ci.artifacts.open(id, wanted);
      if (found === null) throw new SluiceError('not_found', 'Not found.');
      const { artifact, stream } = found;
      return reply.headers(artifactHeaders(artifact, request.query.view === '1')).send(stream);
    },
  );

  app.delete(
    '/ci/v3/jobs/:id/artifacts/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Remove all artifacts of a job',
        tags: ['ci'],
        params: JobPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await access.job(request, id, 'build:write');
      await ci.artifacts.remove(id);
      return reply.code(204).send(null);
    },
  );
}
