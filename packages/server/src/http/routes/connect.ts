import { Connect, Uuid } from '@sluice/contract';
import { Type } from 'typebox';
import type { App, HttpContext } from '../context.ts';
import { absoluteUrl } from '../lists.ts';

/** What a person copies to point a CI service at an application. No token is in it, only where one goes. */
export function registerConnect(app: App, { applications, find, git }: HttpContext): void {
  app.get(
    '/apps/v3/applications/:uuid/connect/',
    {
      config: { action: 'application:read' },
      schema: {
        summary: 'Website id, git URL, deploy command, curl line and CI switch, to copy',
        tags: ['apps'],
        params: Type.Object({ uuid: Uuid }),
        response: { 200: Connect },
      },
    },
    async (request) => {
      const { application } = await find.application(
        request,
        request.params.uuid,
        'application:read',
      );
      const repository = await git.get(application.repositoryUuid);
      const slug = repository?.slug ?? application.slug;
      const environments = await applications.environments(application.uuid);
      const stage = environments[0]?.slug ?? 'test';
      const id = application.websiteId;
      const deployUrl = absoluteUrl(request, `/api/v1/website/${id}/deploy/`).href;
      const origin = absoluteUrl(request, '/').origin;
      return {
        website_id: id,
        git_url: absoluteUrl(request, `/${slug}.git`).href,
        deploy_command: `sluice --zone ${origin} app deploy ${stage} --remote-id ${id}`,
        curl: `curl -X POST --data 'stage=${stage}' --header "Authorization: Basic $TOKEN" ${deployUrl}`,
        encrypt_command: `sluice encrypt TOKEN=<your token> --add --remote-id ${id}`,
        travis_yml: [
          'after_success:',
          '  - sluice login $TOKEN',
          `  - sluice app deploy ${stage} --remote-id ${id}`,
          '',
        ].join('\n'),
        ci: {
          active: repository?.ciEnabled ?? false,
          switch_command: `sluice ci enable --remote-id ${id}`,
        },
      };
    },
  );
}
