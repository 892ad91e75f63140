import type { Migration } from 'kysely';
import * as messages from './0000-messages.ts';
import * as secrets from './0001-secrets.ts';
import * as accounts from './0002-accounts.ts';
import * as applications from './0002b-applications.ts';
import * as git from './0003-git.ts';
import * as ci from './0004-ci.ts';
import * as deploy from './0005-deploy.ts';
import * as pipeline from './0006-pipeline.ts';
import * as repositorySettings from './0007-repository-settings.ts';
import * as ciServices from './0008-ci-services.ts';
import * as sessions from './0009-sessions.ts';
import * as running from './0010-running.ts';
import * as mirrors from './0011-mirrors.ts';
import * as historyAndPeople from './0012-history-and-people.ts';
import * as pullRequests from './0012-pull-requests.ts';
import * as runners from './0013-runners.ts';
import * as edge from './0016-edge.ts';
import * as testedMerges from './0021-tested-merges-and-moved-repositories.ts';
import * as waitingDeliveries from './0021-waiting-deliveries.ts';
import * as services from './0030-services.ts';
import * as serviceBackups from './0031-service-backups.ts';
import * as artifacts from './0032-artifacts.ts';
import * as instancesAndCron from './0033-instances-and-cron.ts';
import * as messageLanes from './0036-message-lanes.ts';
import * as longHistories from './0037-long-histories.ts';
import * as limits from './0038-limits.ts';

/** In order of their names; a landed migration is never edited, a new one is added. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0000-messages': messages,
  '0001-secrets': secrets,
  '0002-accounts': accounts,
  '0002b-applications': applications,
  '0003-git': git,
  '0004-ci': ci,
  '0005-deploy': deploy,
  '0006-pipeline': pipeline,
  '0007-repository-settings': repositorySettings,
  '0008-ci-services': ciServices,
  '0009-sessions': sessions,
  '0010-running': running,
  '0011-mirrors': mirrors,
  '0012-history-and-people': historyAndPeople,
  '0012-pull-requests': pullRequests,
  '0013-runners': runners,
  '0016-edge': edge,
  '0021-tested-merges-and-moved-repositories': testedMerges,
  '0021-waiting-deliveries': waitingDeliveries,
  '0030-services': services,
  '0031-service-backups': serviceBackups,
  '0032-artifacts': artifacts,
  '0033-instances-and-cron': instancesAndCron,
  '0036-message-lanes': messageLanes,
  '0037-long-histories': longHistories,
  '0038-limits': limits,
};
