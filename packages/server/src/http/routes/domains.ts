import {
  Domain,
  DomainCreate,
  DomainPatch,
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
import { filterOf, wholeList } from '../lists.ts';
import { domainJson } from '../views/running.ts';

const Path = Type.Object({ uuid: Uuid });
const DomainsQuery = Type.Object({ ...PageQuery, environment: Filter, application: Filter });

/** Host names of the users' own: `/apps/v3/domains/`. They answer at once, without a deployment. */
export function registerDomains(app: App, context: HttpContext): void {
  const { accounts, applications, authorise, edge, find, pipeline, logger, publicUrl } = context;
  const { domains } = applications;

  /** The rows stand whatever the router says: it is told again when the server starts. */
  const publish = async (environmentUuid: string): Promise<void> => {
    await pipeline.domainsChanged(environmentUuid).catch((error: unknown) => {
      logger.error({ err: error, environment: environmentUuid }, 'publishing domains');
    });
  };

  /** Also makes the edge get its certificate before the first visitor comes. */
  const check = (domain: { uuid: string; name: string }): void => {
    edge?.checks.check(domain).catch((error: unknown) => {
      logger.error({ err: error, domain: domain.name }, 'checking a domain');
    });
  };

  const checkOf = async (uuid: string) => (await edge?.checks.of([uuid]))?.get(uuid) ?? null;

  const audit = (actor: string, action: string, uuid: string, details: Record<string, unknown>) =>
    accounts.audit(null, { actor, action, target: `domain:${uuid}`, details });

  app.get(
    '/apps/v3/domains/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'List domains, of environments or of an application',
        tags: ['apps'],
        querystring: DomainsQuery,
        response: { 200: listOf(Domain) },
      },
    },
    async (request) => {
      const identity = await authorise(request, 'self');
      const named = filterOf(request.query.environment);
      const uuids = filterOf(request.query.application);
      const readable = await applications.list(
        uuids === undefined ? {} : { uuids },
        { offset: 0, limit: 10_000 },
        await accounts.reach(identity),
      );
      const environments = (
        await applications.environments(readable.applications.map(({ uuid }) => uuid))
      ).filter(({ uuid }) => named === undefined || named.includes(uuid));
      const byUuid = new Map(environments.map((environment) => [environment.uuid, environment]));
      const found = await domains.list([...byUuid.keys()]);
      const checks = await edge?.checks.of(found.map(({ uuid }) => uuid));
      const results = found.flatMap((domain) => {
        const environment = byUuid.get(domain.environmentUuid);
        return environment === undefined
          ? []
          : [domainJson(context, domain, environment, checks?.get(domain.uuid) ?? null)];
      });
      return wholeList(request, results);
    },
  );

  app.post(
    '/apps/v3/domains/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Let an environment answer under a host name of your own, from now on',
        tags: ['apps'],
        body: DomainCreate,
        response: { 201: Domain },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { environment, identity } = await find.environment(
        request,
        body.environment,
        'application:write',
      );
      const made = await domains.create({
        environmentUuid: environment.uuid,
        name: body.name,
        isPrimary: body.is_primary ?? false,
        isRedirect: body.is_redirect ?? false,
        ownNames: [hostOf(publicUrl()), ...(edge?.names ?? [])],
      });
      await publish(environment.uuid);
      await audit(identity.email, 'domain.create', made.uuid, {
        name: made.name,
        environment: environment.uuid,
      });
      reply.code(201);
      check(made);
      return domainJson(context, made, environment, null);
    },
  );

  const findDomain = async (request: FastifyRequest, uuid: string, action: Action) => {
    const domain = await domains.get(uuid);
    const of = await find.environment(request, domain?.environmentUuid ?? '', action);
    if (domain === null) throw new SluiceError('not_found', 'Not found.');
    return { ...of, domain };
  };

  app.get(
    '/apps/v3/domains/:uuid/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'One domain, with what to enter at the DNS provider',
        tags: ['apps'],
        params: Path,
        response: { 200: Domain },
      },
    },
    async (request) => {
      const { domain, environment } = await findDomain(
        request,
        request.params.uuid,
        'application:read',
      );
      return domainJson(context, domain, environment, await checkOf(domain.uuid));
    },
  );

  app.patch(
    '/apps/v3/domains/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Make a domain the one that DOMAIN names, or one that redirects to that',
        tags: ['apps'],
        params: Path,
        body: DomainPatch,
        response: { 200: Domain },
      },
    },
    async (request) => {
      const { domain, environment, identity } = await findDomain(
        request,
        request.params.uuid,
        'application:write',
      );
      const { is_primary: isPrimary, is_redirect: isRedirect } = request.body;
      const changed = await domains.update(domain.uuid, { isPrimary, isRedirect });
      await publish(environment.uuid);
      await audit(identity.email, 'domain.update', domain.uuid, {
        name: domain.name,
        is_primary: changed.isPrimary,
        is_redirect: changed.isRedirect,
      });
      return domainJson(context, changed, environment, await checkOf(domain.uuid));
    },
  );

  app.post(
    '/apps/v3/domains/:uuid/check/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Look now whether a domain points here and has a certificate',
        tags: ['apps'],
        params: Path,
        response: { 200: Domain },
      },
    },
    async (request) => {
      const { domain, environment } = await findDomain(
        request,
        request.params.uuid,
        'application:write',
      );
      if (edge === undefined) {
        throw new SluiceError(
          'unavailable',
          'Nothing in front of this installation is kept by it.',
          {
            reason: 'no_edge',
            remedy: 'An administrator may start the server with --edge caddy.',
          },
        );
      }
      return domainJson(context, domain, environment, await edge.checks.check(domain));
    },
  );

  app.delete(
    '/apps/v3/domains/:uuid/',
    {
      config: { action: 'application:write' },
      schema: {
        summary: 'Let an environment answer under a domain no longer',
        tags: ['apps'],
        params: Path,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { domain, environment, identity } = await findDomain(
        request,
        request.params.uuid,
        'application:write',
      );
      await domains.remove(domain.uuid);
      await publish(environment.uuid);
      await audit(identity.email, 'domain.remove', domain.uuid, {
        name: domain.name,
        environment: environment.uuid,
      });
      return reply.code(204).send(null);
    },
  );
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
