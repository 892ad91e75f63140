import { AppTemplate, listOf, PlanGroup, Region, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import { PLAN_GROUP, REGION } from '../../applications/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App, HttpContext } from '../context.ts';
import { absoluteUrl, filterOf, wholeList } from '../lists.ts';

const Path = Type.Object({ uuid: Uuid });
const ByUuid = Type.Object({
  uuid: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
});

const LISTS = [
  'applications',
  'app-templates',
  'deployments',
  'domains',
  'environments',
  'environment-variables',
  'regions',
  'releases',
  'service-instances',
  'services',
];

/** What `divio app create` walks through before it creates anything (spec/divio.md 4.5). */
export function registerCatalogue(app: App, { authorise }: HttpContext): void {
  app.get(
    '/apps/v3/',
    {
      config: { public: true },
      schema: {
        summary: 'The lists of this API, by name',
        tags: ['apps'],
        response: { 200: Type.Record(Type.String(), Type.String()) },
      },
    },
    async (request) =>
      Object.fromEntries(
        LISTS.map((name) => [name, absoluteUrl(request, `/apps/v3/${name}/`).href] as const),
      ),
  );

  const regions = [{ ...REGION }];
  const plans = [{ ...PLAN_GROUP, regions: [...PLAN_GROUP.regions] }];
  const only = <T extends { uuid: string }>(items: T[], uuids: string[] | undefined): T[] =>
    items.filter((item) => uuids === undefined || uuids.includes(item.uuid));

  app.get(
    '/apps/v3/regions/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The regions; a self-hosted installation is one',
        tags: ['apps'],
        querystring: ByUuid,
        response: { 200: listOf(Region) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      return wholeList(request, only(regions, filterOf(request.query.uuid)));
    },
  );

  app.get(
    '/billing/v3/application-plan-groups/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The plan groups; a self-hosted installation has one',
        tags: ['apps'],
        querystring: ByUuid,
        response: { 200: listOf(PlanGroup) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      return wholeList(request, only(plans, filterOf(request.query.uuid)));
    },
  );

  app.get(
    '/billing/v3/application-plan-groups/:uuid/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'One plan group',
        tags: ['apps'],
        params: Path,
        response: { 200: PlanGroup },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      const [plan] = only(plans, [request.params.uuid]);
      if (plan === undefined) throw new SluiceError('not_found', 'Not found.');
      return plan;
    },
  );

  app.get(
    '/apps/v3/app-templates/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'The app templates; there are none yet',
        tags: ['apps'],
        response: { 200: listOf(AppTemplate) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      return wholeList(request, []);
    },
  );
}
