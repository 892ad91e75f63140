import {
  EnvironmentVariable,
  EnvironmentVariableCreate,
  EnvironmentVariablePatch,
  Filter,
  listOf,
  PageQuery,
  Uuid,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Action } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { filterOf, pageAnswer, pageOf } from '../lists.ts';
import { variableJson } from '../views/apps.ts';

const Path = Type.Object({ uuid: Uuid });
const VariablesQuery = Type.Object({
  ...PageQuery,
  environment: Filter,
  application: Filter,
  name: Filter,
});

/** Environment variables. A sensitive value goes in and never comes out. */
export function registerVariables(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, find } = context;

  app.get(
    '/apps/v3/environment-variables/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List variables of environments or of an application; sensitive values are null',
        tags: ['apps'],
        querystring: VariablesQuery,
        response: { 200: listOf(EnvironmentVariable) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const { query } = request;
      const named = filterOf(query.environment);
      const uuids = filterOf(query.application);
      const names = filterOf(query.name);
      const readable = await applications.list(
        uuids === undefined ? {} : { uuids },
        { offset: 0, limit: 10_000 },
        await accounts.reach(identity),
      );
      const environments = await applications.environments(
        readable.applications.map((application) => application.uuid),
      );
      const environmentUuids = environments
        .map((environment) => environment.uuid)
        .filter((uuid) => named === undefined || named.includes(uuid));
      const page = pageOf(query);
      const found = await applications.variables.list(
        { environmentUuids, ...(names === undefined ? {} : { names }) },
        page,
      );
      return pageAnswer(request, page, found.count, found.variables.map(variableJson));
    },
  );

  app.post(
    '/apps/v3/environment-variables/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Set a new variable; it applies from the next deployment on',
        tags: ['apps'],
        body: EnvironmentVariableCreate,
        response: { 201: EnvironmentVariable },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { environment, identity } = await find.environment(
        request,
        body.environment,
        'application:write',
      );
      const made = await applications.variables.create({
        environmentUuid: environment.uuid,
        name: body.name,
        value: body.value,
        isSensitive: body.is_sensitive ?? false,
      });
      await audit(identity.email, 'variable.create', made.uuid, { name: made.name });
      reply.code(201);
      return variableJson(made);
    },
  );

  const audit = (actor: string, action: string, uuid: string, details: Record<string, unknown>) =>
    accounts.audit(null, { actor, action, target: `variable:${uuid}`, details });

  const findVariable = async (request: FastifyRequest, uuid: string, action: Action) => {
    const variable = await applications.variables.get(uuid);
    const of = await find.environment(request, variable?.environmentUuid ?? '', action);
    if (variable === null) throw new SluiceError('not_found', 'Not found.');
    return { ...of, variable };
  };

  app.get(
    '/apps/v3/environment-variables/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One variable; a sensitive value is null',
        tags: ['apps'],
        params: Path,
        response: { 200: EnvironmentVariable },
      },
    },
    async (request) => {
      const { variable } = await findVariable(request, request.params.uuid, 'application:read');
      return variableJson(variable);
    },
  );

  app.patch(
    '/apps/v3/environment-variables/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: "Change a variable's value or whether it is sensitive",
        tags: ['apps'],
        params: Path,
        body: EnvironmentVariablePatch,
        response: { 200: EnvironmentVariable },
      },
    },
    async (request) => {
      const { value, is_sensitive } = request.body;
      const { variable, identity } = await findVariable(
        request,
        request.params.uuid,
        'application:write',
      );
      const changed = await applications.variables.update(variable.uuid, {
        ...(value === undefined ? {} : { value }),
        ...(is_sensitive === undefined ? {} : { isSensitive: is_sensitive }),
      });
      await audit(identity.email, 'variable.update', variable.uuid, { name: variable.name });
      return variableJson(changed);
    },
  );

  app.delete(
    '/apps/v3/environment-variables/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Unset a variable',
        tags: ['apps'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { variable, identity } = await findVariable(
        request,
        request.params.uuid,
        'application:write',
      );
      await applications.variables.unset(variable.uuid);
      await audit(identity.email, 'variable.remove', variable.uuid, { name: variable.name });
      return reply.code(204).send(null);
    },
  );
}
