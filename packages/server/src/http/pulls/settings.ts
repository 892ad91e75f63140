import { PullRequestSettings, PullRequestSettingsPatch, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { settingsJson } from './json.ts';

const Path = Type.Object({ uuid: Uuid });
const tags = ['pull requests'];

/** How an application treats pull requests. */
export function registerPullSettings(app: App, context: HttpContext): void {
  const { accounts, find, pulls } = context;

  app.get(
    '/apps/v3/applications/:uuid/pull-request-settings/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'How pull requests are built, merged and previewed',
        tags,
        params: Path,
        response: { 200: PullRequestSettings },
      },
    },
    async (request) => {
      const { application } = await find.application(
        request,
        request.params.uuid,
        'application:read',
      );
      return settingsJson(await pulls.settings.of(application.repositoryUuid));
    },
  );

  app.patch(
    '/apps/v3/applications/:uuid/pull-request-settings/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Change how pull requests are built, merged and previewed',
        tags,
        params: Path,
        body: PullRequestSettingsPatch,
        response: { 200: PullRequestSettings },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      const { application, identity } = await find.application(request, uuid, 'application:write');
      const { body } = request;
      const change = {
        approveFirst: body.approve_first,
        requireGreen: body.require_green,
        requireCurrent: body.require_current,
        mergeMethod: body.merge_method,
        deleteBranch: body.delete_branch,
        previews: body.previews,
        previewDays: body.preview_days,
        previewLimit: body.preview_limit,
      };
      await pulls.settings.change(application.repositoryUuid, withoutUndefined(change));
      await accounts.audit(null, {
        actor: identity.email,
        action: 'pull_request_settings.update',
        target: `application:${uuid}`,
        details: body,
      });
      return settingsJson(await pulls.settings.of(application.repositoryUuid));
    },
  );
}

function withoutUndefined<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
