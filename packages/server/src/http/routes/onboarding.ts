import { listOf, Proposal, ProposalRequest, Starter, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { wholeList } from '../lists.ts';

/** What a set of files makes of an application, before anything is committed. */
export function registerOnboarding(app: App, context: HttpContext): void {
  const { accounts, authorise, find, git, onboarding } = context;

  app.post(
    '/apps/v3/proposals/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Language, files and findings for texts, such as a .travis.yml or an app.json',
        tags: ['apps'],
        body: ProposalRequest,
        response: { 200: Proposal },
      },
    },
    async (request) => {
      const { application, files } = request.body;
      const texts = new Map(files.map(({ path, text }) => [path, text]));
      if (!application) {
        await authorise(request, 'self');
        return onboarding.ofTexts(texts, null, false);
      }
      const found = await find.anyApplication(request, application, 'application:read');
      const { uuid: applicationUuid, organisationUuid, repositoryUuid } = found.application;
      const target = { applicationUuid, organisationUuid, repositoryUuid };
      const mayDecrypt = await accounts.may(found.identity, 'repository:push', target);
      return onboarding.ofTexts(texts, found.application, mayDecrypt);
    },
  );

  app.get(
    '/apps/v3/applications/:uuid/proposal/',
    {
      config: { action: 'repository:read' },
      schema: {
        summary: 'Language, files and findings for the code at the head of a branch',
        tags: ['apps'],
        params: Type.Object({ uuid: Uuid }),
        querystring: Type.Object({ branch: Type.Optional(Type.String()) }),
        response: { 200: Proposal },
      },
    },
    async (request) => {
      const { params, query } = request;
      const { application } = await find.application(request, params.uuid, 'repository:read');
      const repository = await git.get(application.repositoryUuid);
      return onboarding.ofBranch(application, query.branch || (repository?.defaultBranch ?? null));
    },
  );

  app.get(
    '/apps/v3/starters/',
    {
      config: { action: 'self' },
      schema: {
        summary: 'Starting points for an application without code',
        tags: ['apps'],
        response: { 200: listOf(Starter) },
      },
    },
    async (request) => {
      await authorise(request, 'self');
      return wholeList(request, onboarding.starters.list());
    },
  );
}
