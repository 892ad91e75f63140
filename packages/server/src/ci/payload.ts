import type { EnvGroup, EnvVar, JobPayload } from '@sluice/contract';
import { type Decrypt, openSecrets } from './decrypt.ts';
import type { CiRepository, CiSettings } from './dependencies.ts';
import { openEnv } from './job-env.ts';
import type { Build, Job } from './rows.ts';
import type { Verdict } from './states.ts';
import { buildUrl, jobUrl } from './urls.ts';

export interface PayloadFacts {
  readonly job: Job;
  readonly build: Build;
  readonly repository: CiRepository;
  readonly jobToken: string;
  readonly settings: CiSettings;
  /** What one file may take, and all of them together. */
  readonly artifactBytes: number;
  readonly settingsVariables: readonly EnvVar[];
  readonly strictToolchains: boolean;
  readonly decrypt: Decrypt;
}

const REMOVED_FOR_FORK =
  'Encrypted variables and secret settings are left out: this build comes from a fork.';

/**
 * Everything a runner must know to run a job. This is the only place where encrypted values become plain text, and
 * never for a build that is not trusted: there they are removed, whatever the file says (spec/travis.md 14.5).
 */
export async function payloadOf(facts: PayloadFacts): Promise<JobPayload> {
  const { job, build, repository, settings } = facts;
  const trusted = job.trusted === 1 && build.trusted === 1;
  const { env: rows, ...config } = JSON.parse(job.config) as Record<string, unknown>;
  const notices = job.put_back_note === null ? [] : [job.put_back_note];

  let removed = false;
  const decrypt: Decrypt = trusted
    ? facts.decrypt
    : async () => {
        removed = true;
        return null;
      };
  const env = await openEnv(Array.isArray(rows) ? rows : [], decrypt);
  const opened = await openSecrets(config, decrypt);
  const settingsVars = facts.settingsVariables.filter((variable) => trusted || !variable.secret);
  removed ||= settingsVars.length < facts.settingsVariables.length;
  if (trusted) {
    notices.push(...env.notices, ...opened.dropped.map(droppedNotice));
  } else if (removed) {
    notices.push(REMOVED_FOR_FORK);
  }

  return {
    jobId: job.id,
    number: `${build.number}.${job.number}`,
    attempt: job.attempt,
    name: job.name,
    stage: job.stage_name,
    allowFailure: job.allow_failure === 1,
    earlierVerdict: job.verdict as Verdict | null,
    restartedBy: job.restarted_by,
    repository: {
      id: repository.id,
      uuid: repository.uuid,
      slug: repository.slug,
      private: repository.isPrivate,
      defaultBranch: repository.defaultBranch,
    },
    build: {
      id: build.id,
      number: build.number,
      event: build.event,
      branch: build.branch,
      tag: build.tag,
      sha: build.sha,
      commitRange: commitRange(build),
      message: build.message,
      pullRequest:
        build.pull_request === null
          ? null
          : (JSON.parse(build.pull_request) as JobPayload['build']['pullRequest']),
    },
    config: opened.value as Record<string, unknown>,
    env: envGroups(settingsVars, env.vars),
    secrets: [...new Set([facts.jobToken, ...env.secrets, ...opened.secrets])],
    notices,
    clone: {
      url: `${settings.publicUrl()}/${repository.slug}.git`,
      token: facts.jobToken,
      ref: build.ref,
    },
    urls: {
      server: settings.publicUrl(),
      build: buildUrl(settings.publicUrl(), build.id),
      job: jobUrl(settings.publicUrl(), job.id),
    },
    limits: {
      silenceMs: settings.silenceMs,
      totalMs: settings.totalMs,
      afterVerdictMs: settings.afterVerdictMs,
      logBytes: settings.logBytes,
      artifactBytes: facts.artifactBytes,
    },
    trusted,
    strictToolchains: facts.strictToolchains,
    filterSecrets: config['filter_secrets'] !== false,
  };
}

function envGroups(settings: readonly EnvVar[], file: readonly EnvVar[]): EnvGroup[] {
  const groups: EnvGroup[] = [
    { heading: 'Setting environment variables from repository settings', vars: [...settings] },
    { heading: 'Setting environment variables from .travis.yml', vars: [...file] },
  ];
  return groups.filter((group) => group.vars.length > 0);
}

function droppedNotice(key: string): string {
  return `The encrypted value of ${key} could not be decrypted and is left out. Encrypt it again for this repository.`;
}

/** `before...after`; empty on a branch's first push (spec/travis.md 11). */
function commitRange(build: Build): string {
  if (build.before_sha === null) return '';
  return `${build.before_sha.slice(0, 12)}...${build.sha.slice(0, 12)}`;
}
