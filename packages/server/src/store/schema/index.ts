import type { AccountsTables } from './accounts.ts';
import type { ApplicationsTables } from './applications.ts';
import type { ArtifactsTables } from './artifacts.ts';
import type { CiTables } from './ci.ts';
import type { CronTables } from './cron.ts';
import type { DeployTables } from './deploy.ts';
import type { DeployPipelineTables } from './deploy-pipeline.ts';
import type { GitTables } from './git.ts';
import type { MessagesTables } from './messages.ts';
import type { MirrorsTables } from './mirrors.ts';
import type { PullRequestsTables } from './pull-requests.ts';
import type { RepositorySettingsTables } from './repository-settings.ts';
import type { RunnersTables } from './runners.ts';
import type { RunningTables } from './running.ts';
import type { SecretsTables } from './secrets.ts';
import type { ServiceBackupsTables } from './service-backups.ts';
import type { ServicesTables } from './services.ts';
import type { SessionsTables } from './sessions.ts';

/**
 * Every table, by name. Each room describes its own tables in a file of its own beside this one and
 * adds its interface here.
 */
export interface Database
  extends AccountsTables,
    ApplicationsTables,
    ArtifactsTables,
    CiTables,
    CronTables,
    DeployPipelineTables,
    DeployTables,
    GitTables,
    MessagesTables,
    MirrorsTables,
    PullRequestsTables,
    RepositorySettingsTables,
    RunnersTables,
    RunningTables,
    SecretsTables,
    ServicesTables,
    ServiceBackupsTables,
    SessionsTables {}
