import type { PullWhyEnvironment, PullWhyStep } from '@sluice/contract';
import type { WhyView } from '../../deploy/why/why.ts';
import type { WhyAnswer } from '../../deploy/why/why-state.ts';

/** One environment that a pull request has to do with: of its base, or its preview. */
export interface PlaceFacts {
  readonly slug: string;
  readonly isPreview: boolean;
  /** What became of the merged commit there, of a preview: of the head. Null: it is not merged yet. */
  readonly why: (WhyAnswer & { readonly sha: string }) | null;
  readonly events: WhyView['events'];
  /** The first deployment that went live with the commit in its history. */
  readonly carrier: { readonly uuid: string; readonly sha: string; readonly at: string } | null;
  /** Whether what is live has the commit; a rollback or a force push takes it away again. */
  readonly isIn: boolean;
}

/** In a word, and what it comes from. A later deployment that carried the commit counts as its own. */
export function environmentOf({
  slug,
  isPreview,
  why,
  carrier,
  isIn,
}: PlaceFacts): PullWhyEnvironment {
  const of = { slug, preview: isPreview };
  if (why === null) {
    const nothing = { rule: null, deployment: null, superseded_by: null, at: null };
    return { ...of, ...nothing, state: 'not_merged', text: null };
  }
  if (carrier === null) {
    return {
      ...{ ...of, state: why.state, text: why.reason, rule: why.rule, at: null },
      ...{ deployment: why.deployment, superseded_by: why.supersededBy },
    };
  }
  const isOwn = carrier.sha === why.sha;
  return {
    ...{ ...of, state: isIn ? 'live' : 'was_live', at: carrier.at },
    text: isOwn ? null : `carried by ${carrier.sha.slice(0, 10)}`,
    rule: isOwn ? why.rule : 'carried',
    deployment: carrier.uuid,
    // Its own deployment, if anybody asked for one, gave way to another, which need not be the one that carried it.
    superseded_by: isOwn ? null : (why.supersededBy ?? carrier.uuid),
  };
}

/** Every decision about its own deployments there, and the one that carried it. */
export function placeSteps({ slug, why, events, carrier }: PlaceFacts): PullWhyStep[] {
  const own = events.map((event) => ({
    ...{ at: event.at, rule: event.rule, environment: slug, deployment: event.deployment },
    superseded_by: event.superseded_by,
    text: `${slug}: ${event.to}${event.reason === null ? '' : `: ${event.reason}`}`,
  }));
  if (carrier === null || why === null || carrier.sha === why.sha) return own;
  const { at, uuid, sha } = carrier;
  const text = `${slug}: live with deployment ${uuid} of ${sha.slice(0, 10)}, which carries it`;
  const carried = { at, rule: 'carried', text, environment: slug, deployment: uuid };
  return [...own, { ...carried, superseded_by: null }].sort((a, b) =>
    a.at < b.at ? -1 : a.at > b.at ? 1 : 0,
  );
}
