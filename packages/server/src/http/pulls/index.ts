import {
  listOf,
  PullRequest,
  PullRequestCreate,
  PullRequestDiff,
  PullRequestPatch,
  PullRequestQuery,
  PullWhy,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { filterOf, pageAnswer, pageOf } from '../lists.ts';
import { createPullAccess } from './access.ts';
import { registerPullActions } from './actions.ts';
import { diffJson } from './json.ts';
import { registerPreviewVariables } from './preview-variables.ts';
import { registerPullSettings } from './settings.ts';
import { registerStatusTarget } from './status-target.ts';

const Path = Type.Object({ uuid: Uuid });

/** Pull requests: `/apps/v3/pull-requests/`. */
export function registerPulls(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, find, overview, pulls } = context;
  const access = createPullAccess(context);
  registerPullActions(app, context);
  registerPullSettings(app, context);
  registerPreviewVariables(app, context);
  registerStatusTarget(app, context);

  app.get(
    '/apps/v3/pull-requests/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List pull requests, newest first',
        tags: ['pull requests'],
        querystring: PullRequestQuery,
        response: { 200: listOf(PullRequest) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const { query } = request;
      const uuids = filterOf(query.application);
      const readable = await applications.list(
        uuids === undefined ? {} : { uuids },
        { offset: 0, limit: 10_000 },
        await accounts.reach(identity),
      );
      const owners = new Map(
        readable.applications.map(({ uuid, repositoryUuid }) => [repositoryUuid, uuid]),
      );
      const page = pageOf(query);
      const found = await pulls.list({
        repositoryUuids: [...owners.keys()],
        offset: page.offset,
        limit: page.limit,
        ...(query.state === undefined ? {} : { state: query.state }),
        ...(query.number === undefined ? {} : { number: query.number }),
      });
      const results = await Promise.all(
        found.pulls.map((pull) => access.json(pull, owners.get(pull.repository_uuid) ?? '')),
      );
      return pageAnswer(request, page, found.count, results);
    },
  );

  app.post(
    '/apps/v3/pull-requests/',
    {
      config: { action: 'repository:push' },
      schema: {
        summary: 'Open a pull request from a branch that was pushed',
        tags: ['pull requests'],
        body: PullRequestCreate,
        response: { 201: PullRequest },
      },
    },
    async (request, reply) => {
      const { application: uuid, head, base, title, description, draft } = request.body;
      const { application, identity } = await find.application(request, uuid, 'repository:push');
      const pull = await pulls.open(
        {
          ...{ repositoryUuid: application.repositoryUuid, head },
          ...(base === undefined ? {} : { base }),
          ...(title === undefined ? {} : { title }),
          ...(description === undefined ? {} : { description }),
          ...(draft === undefined ? {} : { draft }),
        },
        await access.actor(identity),
      );
      reply.code(201);
      return access.json(pull, application.uuid);
    },
  );

  app.get(
    '/apps/v3/pull-requests/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'A pull request: whether it can be merged, its build and its preview',
        tags: ['pull requests'],
        params: Path,
        response: { 200: PullRequest },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { pull, application } = await access.pullRequest(request, uuid, 'application:read');
      return access.json(pull, application);
    },
  );

  app.get(
    '/apps/v3/pull-requests/:uuid/why/',
    {
      config: { action: 'application:read' },
      schema: {
        summary:
          'What became of it and where its change is live, with times and the rule that decided',
        tags: ['pull requests'],
        params: Path,
        response: { 200: PullWhy },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { pull, application } = await access.pullRequest(request, uuid, 'application:read');
      const { summary, steps, environments } = await overview.pullRequest(application, pull);
      return {
        ...{ uuid, number: pull.number, title: pull.title, state: pull.state },
        ...{ head: pull.head_sha, merged_sha: pull.merged_sha, summary },
        ...{ steps: [...steps], environments: [...environments] },
      };
    },
  );

  app.patch(
    '/apps/v3/pull-requests/:uuid/',
    {
      config: { action: 'repository:push' },
      schema: {
        summary: 'Change title, description, base or draft, close it or open it again',
        tags: ['pull requests'],
        params: Path,
        body: PullRequestPatch,
        response: { 200: PullRequest },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { pull, application, identity } = await access.pullRequest(
        request,
        uuid,
        'repository:push',
      );
      const { state, ...change } = request.body;
      let after = pull;
      if (state === 'open') after = await pulls.reopen(uuid);
      if (Object.keys(change).length > 0) after = await pulls.change(uuid, change);
      if (state === 'closed') after = await pulls.close(uuid, await access.actor(identity));
      return access.json(after, application);
    },
  );

  app.get(
    '/apps/v3/pull-requests/:uuid/diff/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'What it changes, since it left the base',
        tags: ['pull requests'],
        params: Path,
        response: { 200: PullRequestDiff },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await access.pullRequest(request, uuid, 'application:read');
      return diffJson(await pulls.diff(uuid));
    },
  );
}
