import type { PullWhyEnvironment, PullWhyStep } from '@sluice/contract';
import type { PullRequestRow } from '../../store/schema/pull-requests.ts';
import { environmentOf, type PlaceFacts, placeSteps } from './places.ts';

/** What the story of a pull request is told from: rows, read once. */
export interface PullFacts {
  readonly pull: Pick<
    PullRequestRow,
    | 'number'
    | 'author_login'
    | 'head_ref'
    | 'head_sha'
    | 'base_ref'
    | 'state'
    | 'draft'
    | 'mergeability'
    | 'conflicts'
    | 'merge_sha'
    | 'build_sha'
    | 'approval'
    | 'approved_by'
    | 'build_state'
    | 'build_reason'
    | 'merge_when_green'
    | 'merged_sha'
    | 'merge_method'
    | 'ended_by'
    | 'ended_at'
    | 'created_at'
  >;
  /** The push, or the fetch, that brought its head; null: none is on record, as for heads of forks. */
  readonly pushed: { readonly at: string; readonly by: string | null } | null;
  /** Whether the head is in the repository. */
  readonly present: boolean;
  readonly approvedAt: string | null;
  /** When its build was asked for; null before CI took that up. */
  readonly requestedAt: string | null;
  readonly build: {
    readonly number: number;
    readonly createdAt: string;
    readonly finishedAt: string | null;
  } | null;
  /** Its preview, then the environments of its base. */
  readonly places: readonly PlaceFacts[];
}

export interface PullStory {
  readonly summary: string;
  readonly steps: readonly PullWhyStep[];
  readonly environments: readonly PullWhyEnvironment[];
}

/** Tells a pull request from its opening to where it is live, each step with its time and the rule that decided. */
export function pullStory(facts: PullFacts): PullStory {
  const environments = facts.places.map((place) => environmentOf(place));
  const own = (isPreview: boolean) =>
    facts.places.filter((place) => place.isPreview === isPreview).flatMap(placeSteps);
  return {
    summary: summaryOf(facts, environments),
    steps: [
      ...beginning(facts),
      ...mergeability(facts),
      ...approval(facts),
      ...building(facts),
      ...own(true),
      ...ending(facts),
      ...own(false),
    ],
    environments,
  };
}

const step = (at: string | null, rule: string, text: string): PullWhyStep => ({
  ...{ at, rule, text, environment: null, deployment: null, superseded_by: null },
});

const short = (sha: string): string => sha.slice(0, 10);

/** The head may have been pushed before it was opened, or since. */
function beginning({ pull, pushed, present }: PullFacts): PullWhyStep[] {
  const opened = step(
    pull.created_at,
    'opened',
    `opened by ${pull.author_login}: ${pull.head_ref} into ${pull.base_ref}`,
  );
  const head = `head ${short(pull.head_sha)}`;
  if (pushed !== null) {
    const came =
      pushed.by === null
        ? step(pushed.at, 'fetched', `${head} fetched`)
        : step(pushed.at, 'pushed', `${head} pushed by ${pushed.by}`);
    return pushed.at <= pull.created_at ? [came, opened] : [opened, came];
  }
  return [
    opened,
    present
      ? step(null, 'fetched', `${head} is here`)
      : step(null, 'commits_missing', `waits for ${head}, which is fetched when its host answers`),
  ];
}

function mergeability({ pull, present }: PullFacts): PullWhyStep[] {
  if (pull.state !== 'open' || !present) return [];
  switch (pull.mergeability) {
    case 'conflicts': {
      const paths = (JSON.parse(pull.conflicts) as string[]).join(', ');
      return [step(null, 'conflicts', `cannot be merged: both sides changed ${paths}`)];
    }
    case 'unrelated':
      return [step(null, 'unrelated', 'cannot be merged: the branches have no commit in common')];
    default:
      return [];
  }
}

function approval({ pull, approvedAt }: PullFacts): PullWhyStep[] {
  if (pull.approval === 'approved') {
    const by = pull.approved_by === null ? 'an earlier approval' : pull.approved_by;
    return [step(approvedAt, 'approved', `builds of this author approved by ${by}`)];
  }
  return isAwaited(pull)
    ? [step(null, 'approval_required', `waits for an approval: sluice pr approve ${pull.number}`)]
    : [];
}

const isAwaited = (pull: PullFacts['pull']): boolean =>
  pull.state === 'open' && pull.approval === 'awaiting';

function building({ pull, requestedAt, build }: PullFacts): PullWhyStep[] {
  const { build_state: state, build_reason: reason } = pull;
  if (state === null || isAwaited(pull)) return [];
  const because = reason === null ? '' : `: ${reason}`;
  if (state === 'refused') return [step(requestedAt, 'build_refused', `not built${because}`)];
  if (build === null) return [step(requestedAt, 'build_requested', 'its build was asked for')];
  const result = pull.build_sha === null ? '' : ` of the merge result ${short(pull.build_sha)}`;
  const began = step(build.createdAt, 'build_began', `build ${build.number}${result} began`);
  if (state === 'unfinished') return [began];
  return [
    began,
    step(build.finishedAt, `build_${state}`, `build ${build.number} ${state}${because}`),
  ];
}

function ending({ pull }: PullFacts): PullWhyStep[] {
  switch (pull.state) {
    case 'merged': {
      const as = pull.merged_sha === null ? '' : ` as ${short(pull.merged_sha)}`;
      const how = pull.merge_method === null ? '' : ` (${pull.merge_method})`;
      return pull.ended_by === null
        ? [step(pull.ended_at, 'merged_by_push', `its commits came into ${pull.base_ref}${as}`)]
        : [step(pull.ended_at, 'merged', `merged by ${pull.ended_by}${as}${how}`)];
    }
    case 'closed': {
      const by = pull.ended_by === null ? '' : ` by ${pull.ended_by}`;
      return [step(pull.ended_at, 'closed', `closed without merging${by}`)];
    }
    default:
      return pull.merge_when_green === null
        ? []
        : [step(null, 'merge_when_green', 'is merged as soon as its build passes')];
  }
}

function summaryOf(facts: PullFacts, environments: readonly PullWhyEnvironment[]): string {
  const { pull } = facts;
  if (pull.state === 'closed') return 'closed without merging: it goes live nowhere';
  if (pull.state === 'merged') {
    const places = environments
      .filter(({ preview }) => !preview)
      .map(({ slug, state, text }) => `${slug}: ${state.replaceAll('_', ' ')}${said(text)}`);
    return `merged; ${places.length === 0 ? `no environment follows ${pull.base_ref}` : places.join('; ')}`;
  }
  return `${pull.draft === 1 ? 'a draft' : 'open'}: ${standing(facts)}`;
}

const said = (text: string | null): string => (text === null ? '' : ` (${text})`);

/** What an open one waits for. */
function standing(facts: PullFacts): string {
  const { pull } = facts;
  const blocking = [
    ...(facts.present ? [] : beginning(facts).slice(-1)),
    ...mergeability(facts),
    ...(isAwaited(pull) ? approval(facts) : []),
  ][0];
  if (blocking !== undefined) return blocking.text;
  const green = pull.merge_when_green === null ? '' : ', merged as soon as it passes';
  switch (pull.build_state) {
    case 'passed':
      return pull.build_sha === pull.merge_sha
        ? 'its build passed; it can be merged'
        : `its build passed, but ${pull.base_ref} has moved since: sluice pr test ${pull.number}`;
    case 'unfinished':
    case 'requested':
      return `its build is on its way${green}`;
    case 'refused':
      return `not built${pull.build_reason === null ? '' : `: ${pull.build_reason}`}`;
    case null:
      return 'not looked at yet';
    default:
      return `its build ${pull.build_state}`;
  }
}
