import { TravisEnvVar, TravisEnvVarChange } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import type { OfRepository } from './access.ts';
import { readFlag } from './bodies.ts';
import type { TravisContext } from './context.ts';
import { envVarShape } from './shapes.ts';

const Path = Type.Object({ id: Type.String() });
const Query = Type.Object({ repository_id: Type.Optional(Type.Integer()) });
const Body = Type.Object({ env_var: TravisEnvVarChange });
const One = { 200: Type.Object({ env_var: TravisEnvVar }) };

/**
 * Variables of a repository's settings (spec/travis.md 3.3). Reading them takes the same right as changing them: even
 * the names say something.
 */
export function registerTravisEnvVars(app: App, context: TravisContext): void {
  const { access, accounts, settingsVariables } = context;

  const repositoryOf = (request: FastifyRequest & { query: { repository_id?: number } }) =>
    access.repository(request, request.query.repository_id ?? 0, 'build:write');

  const audit = ({ repository, identity }: OfRepository, what: string, name: string) =>
    accounts.audit(null, {
      actor: identity.email,
      action: `repository.env_var.${what}`,
      target: `repository:${repository.uuid}`,
      details: { name },
    });

  app.get(
    '/settings/env_vars/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Variables that the settings of a repository give to its jobs',
        tags: ['travis'],
        querystring: Query,
        response: { 200: Type.Object({ env_vars: Type.Array(TravisEnvVar) }) },
      },
    },
    async (request) => {
      const { repository } = await repositoryOf(request);
      const variables = await settingsVariables.list(repository.uuid);
      return { env_vars: variables.map((one) => envVarShape(one, repository.id)) };
    },
  );

  app.post(
    '/settings/env_vars/',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Add a variable; private unless it says public',
        tags: ['travis'],
        querystring: Query,
        body: Body,
        response: One,
      },
    },
    async (request) => {
      const of = await repositoryOf(request);
      const { name, value, ...more } = readChange(request.body.env_var);
      if (name === undefined || value === undefined) {
        throw new SluiceError('invalid', 'A variable needs a name and a value.');
      }
      const made = await settingsVariables.create(of.repository.uuid, { name, value, ...more });
      await audit(of, 'create', made.name);
      return { env_var: envVarShape(made, of.repository.id) };
    },
  );

  app.get(
    '/settings/env_vars/:id',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'One of these variables',
        tags: ['travis'],
        params: Path,
        querystring: Query,
        response: One,
      },
    },
    async (request) => {
      const { repository } = await repositoryOf(request);
      const variable = await settingsVariables.get(repository.uuid, request.params.id);
      if (variable === null) throw new SluiceError('not_found', 'There is no such variable.');
      return { env_var: envVarShape(variable, repository.id) };
    },
  );

  app.patch(
    '/settings/env_vars/:id',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Change one of these variables',
        tags: ['travis'],
        params: Path,
        querystring: Query,
        body: Body,
        response: One,
      },
    },
    async (request) => {
      const of = await repositoryOf(request);
      const change = readChange(request.body.env_var);
      const { uuid } = of.repository;
      const variable = await settingsVariables.update(uuid, request.params.id, change);
      await audit(of, 'update', variable.name);
      return { env_var: envVarShape(variable, of.repository.id) };
    },
  );

  app.delete(
    '/settings/env_vars/:id',
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Remove one of these variables',
        tags: ['travis'],
        params: Path,
        querystring: Query,
        response: One,
      },
    },
    async (request) => {
      const of = await repositoryOf(request);
      const { uuid } = of.repository;
      const variable = await settingsVariables.get(uuid, request.params.id);
      if (variable === null) throw new SluiceError('not_found', 'There is no such variable.');
      await settingsVariables.remove(uuid, variable.uuid);
      await audit(of, 'delete', variable.name);
      return { env_var: envVarShape(variable, of.repository.id) };
    },
  );
}

function readChange({ name, value, public: shown, branch }: TravisEnvVarChange) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(value === undefined ? {} : { value }),
    ...(shown === undefined || shown === null ? {} : { isPublic: readFlag('public', shown) }),
    ...(branch === undefined ? {} : { branch: branch === '' ? null : branch }),
  };
}
