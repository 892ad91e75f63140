import { createAppsClient } from './apps.ts';
import { createCiClient } from './ci.ts';
import { createCronClient } from './cron.ts';
import { createIamClient } from './iam.ts';
import { createImagesClient } from './images.ts';
import { createOnboardingClient } from './onboarding.ts';
import { createPullRequestsClient } from './pull-requests.ts';
import { createRepositoriesClient } from './repositories.ts';
import { createRunnersClient } from './runners.ts';
import { createServiceBackupsClient } from './service-backups.ts';
import { createServicesClient } from './services.ts';
import { createSessionsClient } from './sessions.ts';
import { type ClientOptions, createOpen, createSend } from './transport.ts';
import { createTravisSettingsClient } from './travis.ts';

export type { Build as BuildView, BuildDetail as BuildDetailView, Job as JobView } from '../ci.ts';
export type { LogPosition } from './apps.ts';
export { ApiError, ProtocolError, UnreachableError } from './errors.ts';
export type { ClientOptions, RequestOptions, Send } from './transport.ts';

/**
 * The typed client of the HTTP contract. It keeps no state and retries nothing: callers decide what a
 * failed call means. Every method throws `ApiError` (the server said no), `UnreachableError` (nobody
 * answered) or `ProtocolError` (someone else answered).
 */
export function createClient(options: ClientOptions) {
  const send = createSend(options);
  return {
    send,
    ...createIamClient(send),
    ...createSessionsClient(send),
    ...createAppsClient(send),
    ...createCiClient(send, createOpen(options)),
    ...createOnboardingClient(send),
    ...createPullRequestsClient(send),
    ...createTravisSettingsClient(send),
    ...createRepositoriesClient(send),
    ...createRunnersClient(send),
    ...createServiceBackupsClient(send),
    ...createImagesClient(send),
    cron: createCronClient(send),
    ...createServicesClient(send),
  };
}

export type Client = ReturnType<typeof createClient>;
