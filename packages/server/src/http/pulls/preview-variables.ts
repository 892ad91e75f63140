import { PreviewVariableSet, PreviewVariables, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';

const Path = Type.Object({ uuid: Uuid });
const Named = Type.Object({ uuid: Uuid, name: Type.String({ maxLength: 255 }) });
const tags = ['pull requests'];

/** The variables of an application's previews, which are nobody else's. */
export function registerPreviewVariables(app: App, context: HttpContext): void {
  const { accounts, find, pulls } = context;
  const { variables } = pulls.previews;

  const answer = async (applicationUuid: string) => ({
    variables: (await variables.list(applicationUuid)).map(({ isSensitive, ...variable }) => ({
      ...variable,
      is_sensitive: isSensitive,
    })),
  });
  const audit = (actor: string, action: string, uuid: string, name: string) =>
    accounts.audit(null, { actor, action, target: `application:${uuid}`, details: { name } });

  app.get(
    '/apps/v3/applications/:uuid/preview-variables/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Variables of previews; sensitive values are null',
        tags,
        params: Path,
        response: { 200: PreviewVariables },
      },
    },
    async (request) => {
      const { uuid } = request.params;
      await find.application(request, uuid, 'application:read');
      return answer(uuid);
    },
  );

  app.put(
    '/apps/v3/applications/:uuid/preview-variables/:name/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Set a variable of all previews, from their next deployment on',
        tags,
        params: Named,
        body: PreviewVariableSet,
        response: { 200: PreviewVariables },
      },
    },
    async (request) => {
      const { uuid, name } = request.params;
      const { identity } = await find.application(request, uuid, 'application:write');
      const { value, is_sensitive: isSensitive = false } = request.body;
      await variables.set(uuid, { name, value, isSensitive });
      await audit(identity.email, 'preview_variable.set', uuid, name);
      return answer(uuid);
    },
  );

  app.delete(
    '/apps/v3/applications/:uuid/preview-variables/:name/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Remove a variable of all previews',
        tags,
        params: Named,
        response: { 200: PreviewVariables },
      },
    },
    async (request) => {
      const { uuid, name } = request.params;
      const { identity } = await find.application(request, uuid, 'application:write');
      await variables.unset(uuid, name);
      await audit(identity.email, 'preview_variable.unset', uuid, name);
      return answer(uuid);
    },
  );
}
