import {
  Filter,
  listOf,
  PageQuery,
  Service,
  ServiceInstance,
  ServiceInstanceCreate,
  ServiceInstanceRestore,
  ServiceInstanceValues,
  Uuid,
} from '@sluice/contract';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Action } from '../../accounts/index.ts';
import { SluiceError } from '../../errors.ts';
import type { ServiceInstance as Instance, ServiceKind } from '../../services/index.ts';
import type { App, HttpContext } from '../context.ts';
import { filterOf, wholeList } from '../lists.ts';
import { serviceInstanceJson, serviceJson } from '../views/services.ts';

const Path = Type.Object({ uuid: Uuid });
const InstancesQuery = Type.Object({
  ...PageQuery,
  environment: Filter,
  application: Filter,
  /** `true` lists what was removed and can be restored. */
  removed: Type.Optional(Type.Boolean()),
});

/** Databases, caches and storage behind environments: `/apps/v3/services/`, `/apps/v3/service-instances/`. */
export function registerServices(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, find, services } = context;

  const shown = async (instances: readonly Instance[]) => {
    const environmentUuids = [...new Set(instances.map((one) => one.environmentUuid))];
    const { variables } = await applications.variables.list({ environmentUuids });
    return instances.map((instance) => {
      const own = variables.filter((one) => one.environmentUuid === instance.environmentUuid);
      return serviceInstanceJson(context, instance, new Set(own.map(({ name }) => name)));
    });
  };
  const one = async (instance: Instance) => {
    const [json] = await shown([instance]);
    if (json === undefined) throw new SluiceError('not_found', 'Not found.');
    return json;
  };

  /** Also of an environment that was removed: a service outlives it for a while. */
  const findInstance = async (request: FastifyRequest, uuid: string, action: Action) => {
    const instance = await services.get(uuid);
    const of = await find.application(request, instance?.applicationUuid ?? '', action);
    if (instance === null) throw new SluiceError('not_found', 'Not found.');
    return { ...of, instance };
  };

  const audit = (actor: string, action: string, instance: Instance) =>
    accounts.audit(null, {
      actor,
      action,
      target: `service:${instance.uuid}`,
      details: {
        kind: instance.kind,
        prefix: instance.prefix,
        environment: instance.environmentUuid,
      },
    });

  app.get(
    '/apps/v3/services/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The services that can be attached to environments of this installation',
        tags: ['apps'],
        response: { 200: listOf(Service) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      return wholeList(request, services.kinds.map(serviceJson));
    },
  );

  app.get(
    '/apps/v3/service-instances/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The services attached to environments, those of an application or of all',
        tags: ['apps'],
        querystring: InstancesQuery,
        response: { 200: listOf(ServiceInstance) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const { query } = request;
      const uuids = filterOf(query.application);
      const named = filterOf(query.environment);
      const readable = await applications.list(
        uuids === undefined ? {} : { uuids },
        { offset: 0, limit: 10_000 },
        await accounts.reach(identity),
      );
      const found = await services.list({
        applicationUuids: readable.applications.map(({ uuid }) => uuid),
        ...(named === undefined ? {} : { environmentUuids: named }),
        removed: query.removed ?? false,
      });
      return wholeList(request, await shown(found));
    },
  );

  app.post(
    '/apps/v3/service-instances/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Attach a service to an environment; releases get it with the next deployment',
        tags: ['apps'],
        body: ServiceInstanceCreate,
        response: { 201: ServiceInstance },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { environment, application, identity } = await find.environment(
        request,
        body.environment,
        'application:write',
      );
      services.refuseWhereThereAreNone();
      const made = await services.create({
        environmentUuid: environment.uuid,
        applicationUuid: application.uuid,
        kind: kindNamed(services.kinds, body.service).name,
        prefix: body.prefix ?? '',
        by: identity.email,
      });
      await audit(identity.email, 'service.create', made);
      reply.code(201);
      return one(made);
    },
  );

  app.get(
    '/apps/v3/service-instances/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One service of an environment, with how it is',
        tags: ['apps'],
        params: Path,
        response: { 200: ServiceInstance },
      },
    },
    async (request) =>
      one((await findInstance(request, request.params.uuid, 'application:read')).instance),
  );

  app.post(
    '/apps/v3/service-instances/:uuid/reveal/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'What a service gives to releases, with its credentials; who asks is audited',
        tags: ['apps'],
        params: Path,
        response: { 200: ServiceInstanceValues },
      },
    },
    async (request, reply) => {
      const { uuid } = request.params;
      const { instance, identity } = await findInstance(request, uuid, 'application:write');
      const values = await services.reveal(instance);
      await audit(identity.email, 'service.reveal', instance);
      reply.header('cache-control', 'no-store');
      return { variables: Object.entries(values).map(([name, value]) => ({ name, value })) };
    },
  );

  app.delete(
    '/apps/v3/service-instances/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Remove a service; it can be restored with its data for some days',
        tags: ['apps'],
        params: Path,
        response: { 200: ServiceInstance },
      },
    },
    async (request) => {
      const { instance, identity } = await findInstance(
        request,
        request.params.uuid,
        'application:write',
      );
      const removed = await services.remove(instance.uuid, identity.email);
      if (instance.state !== 'removed') await audit(identity.email, 'service.remove', removed);
      return one(removed);
    },
  );

  app.post(
    '/apps/v3/service-instances/:uuid/restore/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Bring a removed service back with its data, also into another environment',
        tags: ['apps'],
        params: Path,
        body: Type.Optional(ServiceInstanceRestore),
        response: { 200: ServiceInstance },
      },
    },
    async (request) => {
      const { instance, application, identity } = await findInstance(
        request,
        request.params.uuid,
        'application:write',
      );
      const wanted = request.body?.environment || instance.environmentUuid;
      const environment = await applications.environment(wanted);
      if (environment?.applicationUuid !== application.uuid) {
        const text =
          'The environment is not there. Name another one of the same application to restore the service into.';
        throw new SluiceError('invalid', text, { fields: { environment: [text] } });
      }
      const restored = await services.restore(instance.uuid, environment.uuid);
      await audit(identity.email, 'service.restore', restored);
      return one(restored);
    },
  );
}

function kindNamed(kinds: readonly ServiceKind[], text: string): ServiceKind {
  const wanted = text.toLowerCase();
  const found = kinds.find(({ uuid, name }) => uuid === wanted || name === wanted);
  if (found !== undefined) return found;
  const known = kinds.map(({ name }) => name).join(', ');
  const complaint = `There is no service "${text}"; there are: ${known}.`;
  throw new SluiceError('invalid', complaint, { fields: { service: [complaint] } });
}
