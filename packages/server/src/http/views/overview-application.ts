import type { Application } from '../../applications/index.ts';
import type { OverviewApplication } from '../../overview/index.ts';

/** An application as the overview asks about it. */
export const overviewApplication = (application: Application): OverviewApplication => ({
  ...{ uuid: application.uuid, id: application.websiteId },
  ...{ slug: application.slug, name: application.name },
  organisationUuid: application.organisationUuid,
  repositoryUuid: application.repositoryUuid,
});
