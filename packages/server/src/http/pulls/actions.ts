import {
  PullRequest,
  PullRequestComment,
  PullRequestCommentCreate,
  PullRequestComments,
  PullRequestMerge,
  Uuid,
} from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { createPullAccess } from './access.ts';
import { commentJson } from './json.ts';

const Path = Type.Object({ uuid: Uuid });
const tags = ['pull requests'];

/** What people do to a pull request besides changing it. */
export function registerPullActions(app: App, context: HttpContext): void {
  const { accounts, pulls } = context;
  const access = createPullAccess(context);

  const audit = (actor: string, action: string, uuid: string, details: Record<string, unknown>) =>
    accounts.audit(null, { actor, action, target: `pull_request:${uuid}`, details });

  app.post(
    '/apps/v3/pull-requests/:uuid/merge/',
    {
      config: { action: 'repository:push' },
      schema: {
        summary: 'Merge, squash or rebase it, now or when its build has passed',
        tags,
        params: Path,
        body: PullRequestMerge,
        response: { 200: PullRequest },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application, identity } = await access.pullRequest(request, uuid, 'repository:push');
      const { method, head, message, when_green } = request.body;
      const by = await access.actor(identity);
      const pull = await pulls.merge(
        uuid,
        {
          ...(method === undefined ? {} : { method }),
          ...(head === undefined ? {} : { head }),
          ...(message === undefined ? {} : { message }),
          ...(when_green === undefined ? {} : { whenGreen: when_green }),
        },
        by,
      );
      await audit(identity.email, 'pull_request.merge', uuid, { state: pull.state });
      return access.json(pull, application);
    },
  );

  app.delete(
    '/apps/v3/pull-requests/:uuid/merge/',
    {
      config: { action: 'repository:push' },
      schema: {
        summary: 'Do not merge it when its build passes after all',
        tags,
        params: Path,
        response: { 200: PullRequest },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application } = await access.pullRequest(request, uuid, 'repository:push');
      return access.json(await pulls.keepOpen(uuid), application);
    },
  );

  app.post(
    '/apps/v3/pull-requests/:uuid/test/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Build it again, merged with its base as that is now',
        tags,
        params: Path,
        response: { 200: PullRequest },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application, identity } = await access.pullRequest(request, uuid, 'build:write');
      const pull = await pulls.testAgain(uuid);
      await audit(identity.email, 'pull_request.test', uuid, { merge: pull.merge_sha });
      return access.json(pull, application);
    },
  );

  app.post(
    '/apps/v3/pull-requests/:uuid/approve/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Let the builds of its author run, without secrets',
        tags,
        params: Path,
        response: { 200: PullRequest },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application, identity } = await access.pullRequest(request, uuid, 'build:write');
      const pull = await pulls.approve(uuid, await access.actor(identity));
      await audit(identity.email, 'pull_request.approve', uuid, { author: pull.author_login });
      return access.json(pull, application);
    },
  );

  app.get(
    '/apps/v3/pull-requests/:uuid/comments/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Comments, oldest first',
        tags,
        params: Path,
        response: { 200: PullRequestComments },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await access.pullRequest(request, uuid, 'application:read');
      return { comments: (await pulls.comments(uuid)).map(commentJson) };
    },
  );

  app.post(
    '/apps/v3/pull-requests/:uuid/comments/',
    {
      config: { action: 'repository:push' },
      schema: {
        summary: 'Write a comment',
        tags,
        params: Path,
        body: PullRequestCommentCreate,
        response: { 201: PullRequestComment },
      },
    },
    async (request, reply) => {
      const { uuid } = request.params;
      const { identity } = await access.pullRequest(request, uuid, 'repository:push');
      const made = await pulls.comment(uuid, await access.actor(identity), request.body.body);
      reply.code(201);
      return commentJson(made);
    },
  );
}
