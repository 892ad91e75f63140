import type { ConfigMessage } from '@sluice/contract';
import {
  ConfigError,
  type Refusal as ConfigRefusal,
  describe,
  expand,
  type JobConfig,
  type Message,
  type Part,
  parseParts,
  type SelectedNotifications,
  selectNotifications,
} from '@sluice/travis-config';
import type { Refusal } from './push-decision.ts';
import type { BuildEvent } from './states.ts';

/** What a configuration's conditions may ask about the build (spec/travis.md 13). */
export interface PlanFacts {
  readonly event: BuildEvent;
  readonly repositorySlug: string;
  /** The branch; the tag of a tag build. */
  readonly branch: string;
  readonly tag: string | null;
  readonly message: string;
  readonly fork: boolean;
  /** Public variables of the repository's settings, as `NAME=value` (spec/travis.md 3.5). */
  readonly env: readonly string[];
  /** Of a pull request, of which `branch` is the target. */
  readonly pull?: {
    readonly headBranch: string;
    /** `owner/name` of the repository that holds it. */
    readonly headRepository: string;
    readonly sender: string;
    readonly draft: boolean;
  };
}

interface PlannedJob {
  readonly config: JobConfig;
  readonly name: string | null;
  /** Index into `stages`. */
  readonly stage: number;
  readonly allowFailure: boolean;
}

export interface BuildPlan {
  /** The normalised root; encrypted values are still cipher text. */
  readonly config: unknown;
  readonly fastFinish: boolean;
  /** Names in their order; one null where the build has no named stages. */
  readonly stages: readonly (string | null)[];
  /** In the order of their numbers. */
  readonly jobs: readonly PlannedJob[];
  /** By kind, those whose `if` holds; encrypted values are still cipher text (spec/travis.md 9). */
  readonly notifications: SelectedNotifications['notifications'];
  readonly messages: readonly ConfigMessage[];
  /** Why no job can run; the build is errored. */
  readonly error: string | null;
}

/** The file and what it imports, with the remarks that importing gave. */
export interface PlanSources {
  readonly parts: readonly Part[];
  readonly remarks: readonly Message[];
}

export type Planned =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'build'; readonly plan: BuildPlan };

const REFUSALS: Readonly<Record<ConfigRefusal, Refusal>> = {
  condition: 'condition_false',
  'branch excluded': 'branch_excluded',
  'commit skipped': 'commit_skipped',
};

/**
 * Turns the text of a `.travis.yml` and its imports into what a build is made of (spec/travis.md 1, 4). What is wrong with the text
 * becomes a build that is errored and says so.
 */
export function planBuild(sources: PlanSources, facts: PlanFacts): Planned {
  try {
    return plan(sources, facts);
  } catch (error) {
    if (error instanceof ConfigError) return unreadable(error);
    throw error;
  }
}

/** What conditions of this build may ask. */
export function conditionData(facts: PlanFacts) {
  return {
    type: facts.event,
    repo: facts.repositorySlug,
    branch: facts.branch,
    tag: facts.tag,
    commit_message: facts.message,
    fork: facts.fork,
    ...(facts.pull === undefined
      ? {}
      : {
          head_branch: facts.pull.headBranch,
          head_repo: facts.pull.headRepository,
          sender: facts.pull.sender,
          draft: facts.pull.draft,
        }),
    env: [...facts.env],
  };
}

function plan({ parts, remarks: earlier }: PlanSources, facts: PlanFacts): Planned {
  const { config, messages, positions } = parseParts(parts);
  const data = conditionData(facts);
  const expansion = expand(config, data, { positions });
  if (expansion.refused !== undefined) {
    return { kind: 'refused', refusal: REFUSALS[expansion.refused] };
  }
  const notices = selectNotifications(config, data, positions);
  const remarks = [...earlier, ...messages, ...expansion.messages, ...notices.messages].map(
    wireMessage,
  );
  if (expansion.jobs.length === 0) {
    const reason = 'The build matrix is empty: every job was excluded or its condition is false.';
    return {
      kind: 'build',
      plan: { ...erroredPlan(reason, remarks), config, notifications: notices.notifications },
    };
  }
  const names = expansion.stages.map((stage) => stage.name);
  return {
    kind: 'build',
    plan: {
      config,
      fastFinish: config.jobs?.fast_finish === true,
      stages: names.length === 0 ? [null] : names,
      jobs: expansion.jobs.map((job) => ({
        config: job,
        name: job.name ?? null,
        stage: stageIndex(names, job.stage),
        allowFailure: job.allow_failure === true,
      })),
      notifications: notices.notifications,
      messages: remarks,
      error: null,
    },
  };
}

function stageIndex(names: readonly string[], stage: string | undefined): number {
  const wanted = stage?.toLowerCase();
  return Math.max(
    0,
    names.findIndex((name) => name.toLowerCase() === wanted),
  );
}

function unreadable(error: ConfigError): Planned {
  const { code, message, line, column } = error;
  const remark: ConfigMessage = {
    level: 'error',
    key: 'root',
    code,
    args: {},
    line,
    column,
    text: message,
  };
  const reason = `.travis.yml cannot be read: ${message} (line ${line}, column ${column})`;
  return { kind: 'build', plan: erroredPlan(reason, [remark]) };
}

/** A build without jobs that says why. */
export function erroredPlan(error: string, messages: readonly ConfigMessage[]): BuildPlan {
  return {
    config: {},
    fastFinish: false,
    stages: [],
    jobs: [],
    notifications: {},
    messages,
    error,
  };
}

function wireMessage(message: Message): ConfigMessage {
  return { ...message, text: describe(message) };
}
