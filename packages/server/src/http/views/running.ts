import type {
  Domain as DomainJson,
  Instance as InstanceJson,
  DeploymentStory as StoryJson,
  Usage as UsageJson,
} from '@sluice/contract';
import type { Domain, Environment } from '../../applications/index.ts';
import type { InstanceView, StoryView, UsageView } from '../../deploy/running/index.ts';
import type { DomainCheck } from '../../edge/index.ts';
import { commitLine } from '../../overview/commit-lines.ts';
import type { HttpContext } from '../context.ts';

export function storyJson(story: StoryView): StoryJson {
  const { commit, previous, build, release } = story;
  return {
    steps: story.steps.map((step) => ({
      step: step.step,
      title: step.title,
      started_at: step.startedAt,
      ended_at: step.endedAt,
      outcome: step.outcome,
      detail: step.detail,
    })),
    commit: commit === null ? null : commitLine(commit),
    previous: previous === null ? null : commitLine(previous),
    commits: story.commits.map(commitLine),
    removed: story.removed.map(commitLine),
    commits_complete: story.complete,
    build: build === null ? null : { ...build },
    signals: story.signals.map((signal) => ({ ...signal })),
    decisions: story.decisions.map(({ supersededBy, ...decision }) => ({
      ...decision,
      superseded_by: supersededBy,
    })),
    release:
      release === null
        ? null
        : {
            uuid: release.uuid,
            is_live: release.isLive,
            kept: release.kept,
            commands: release.commands.map((command) => ({ ...command })),
          },
  };
}

export const instanceJson = (instance: InstanceView): InstanceJson => ({
  uuid: instance.uuid,
  service: instance.service,
  state: instance.state,
  release: instance.releaseUuid,
  deployment: instance.deploymentUuid,
  commit: instance.sha,
  created_at: instance.createdAt,
  restarts: instance.restarts,
  cpu_percent: instance.cpuPercent,
  memory_bytes: instance.memoryBytes,
  processes: instance.processes,
  limits:
    instance.limits === null
      ? null
      : {
          milli_cpus: instance.limits.milliCpus || null,
          memory_bytes: instance.limits.memoryBytes || null,
          processes: instance.limits.processes || null,
        },
  last_exit:
    instance.lastExit === null
      ? null
      : {
          at: instance.lastExit.at,
          status: instance.lastExit.status,
          signal: instance.lastExit.signal,
          out_of_memory: instance.lastExit.outOfMemory,
        },
});

export const usageJson = ({ step, points }: UsageView): UsageJson => ({
  step,
  points: points.map((point) => ({
    at: point.at,
    cpu_percent: point.cpuPercent,
    memory_bytes: point.memoryBytes,
    restarts: point.restarts,
  })),
});

export function domainJson(
  { applications }: Pick<HttpContext, 'applications'>,
  domain: Domain,
  environment: Environment,
  check: DomainCheck | null,
): DomainJson {
  return {
    uuid: domain.uuid,
    environment: domain.environmentUuid,
    name: domain.name,
    display_name: applications.readableDomainName(domain.name),
    is_primary: domain.isPrimary,
    is_redirect: domain.isRedirect,
    url: applications.domainUrl(domain.name),
    created_at: domain.createdAt,
    dns: dnsOf(domain.name, applications.host(environment)),
    check: check === null ? null : checkJson(check),
  };
}

const checkJson = (check: DomainCheck): DomainJson['check'] => ({
  is_right: check.isRight,
  points: check.points,
  addresses: [...check.addresses],
  certificate: check.certificate,
  certificate_issuer: check.issuer,
  certificate_expires_at: check.expiresAt,
  detail: check.detail,
  checked_at: check.checkedAt,
  next_check_at: check.nextCheckAt,
});

/** What to enter at the DNS provider. Nobody can know from here whether a name is the top of its zone. */
function dnsOf(name: string, fixedHost: string): DomainJson['dns'] {
  if (fixedHost.endsWith('.localhost')) {
    return {
      type: 'ADDRESS',
      target: null,
      hint:
        `Point ${name} to the address of the machine that Sluice runs on (A or AAAA record). Its own names end in ` +
        '.localhost and lead nowhere from elsewhere. To try it on this machine alone, add the line ' +
        `"127.0.0.1 ${name}" to /etc/hosts.`,
    };
  }
  return {
    type: 'CNAME',
    target: fixedHost,
    hint:
      `Make a CNAME record for ${name} with the value ${fixedHost}. At the top of a zone, where a CNAME is not ` +
      'allowed, use ALIAS or ANAME if your provider has it, else A and AAAA records with the addresses of ' +
      `${fixedHost}.`,
  };
}
