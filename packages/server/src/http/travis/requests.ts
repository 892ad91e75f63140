import { TravisCommit, TravisRequest } from '@sluice/contract';
import { Type } from 'typebox';
import { REFUSALS } from '../../ci/index.ts';
import type { Repository } from '../../git/types.ts';
import type { App } from '../context.ts';
import type { TravisContext } from './context.ts';
import { commitShape } from './shapes.ts';

const PAGE = 25;
type Push = Awaited<ReturnType<TravisContext['ci']['history']['pushes']>>[number];

/** Pushes, and what became of them: a build, or a reason why there is none. */
export function registerTravisRequests(app: App, context: TravisContext): void {
  const { access, authorise, ci, publicUrl } = context;

  app.get(
    '/requests/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Pushes and what became of them, newest first',
        tags: ['travis'],
        querystring: Type.Object({ repository_id: Type.Optional(Type.Integer()) }),
        response: {
          200: Type.Object({
            requests: Type.Array(TravisRequest),
            commits: Type.Array(TravisCommit),
          }),
        },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const { repository_id: id } = request.query;
      if (id === undefined) return { requests: [], commits: [] };
      const { repository } = await access.repository(request, id, 'build:read');
      const pushes = await ci.history.pushes(repository.uuid, PAGE);
      const builds = await ci.history.builds({
        repositoryUuids: [repository.uuid],
        ids: pushes.flatMap(({ buildId }) => (buildId === null ? [] : [buildId])),
        limit: PAGE,
      });
      return {
        requests: pushes.map((push) => requestShape(push, repository)),
        commits: builds.map((build) => commitShape(build, publicUrl())),
      };
    },
  );
}

function requestShape(push: Push, repository: Repository): TravisRequest {
  const [, kind, name = null] = /^refs\/(heads|tags)\/(.+)$/s.exec(push.ref) ?? [];
  const { outcome, buildId } = push;
  const refusal =
    outcome !== null && outcome in REFUSALS ? (outcome as keyof typeof REFUSALS) : null;
  return {
    id: push.id,
    commit_id: buildId,
    repository_id: repository.id,
    build_id: buildId,
    created_at: push.receivedAt,
    owner_id: null,
    owner_type: 'Organization',
    event_type: 'push',
    base_commit: push.before,
    head_commit: push.after,
    result: outcome === null ? null : buildId === null ? 'rejected' : 'accepted',
    message: refusal === null ? null : REFUSALS[refusal],
    pull_request: false,
    pull_request_number: null,
    pull_request_title: null,
    branch: kind === 'heads' ? name : null,
    tag: kind === 'tags' ? name : null,
  };
}
