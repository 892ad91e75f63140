import { advanceAwaiting, nextDeadline } from './awaiting.ts';
import { Draft } from './draft.ts';
import { rollBack } from './hold.ts';
import { judgeEntering, judgeQueuedAgain, startNext } from './queue.ts';
import { RULES, type Rules } from './rules.ts';
import { cancel, commitSwitch, endRun, recordStep, recover } from './run.ts';
import { accept, resume } from './signal.ts';
import type { Answer, Decided, EnvironmentState, Facts, OrderingEvent } from './types.ts';

/**
 * The ordering decision (ordering.md): state of the environment, event and facts in; new state,
 * commands and the recorded decisions out. Pure: the same arguments give the same answer.
 *
 * @param at now, in milliseconds; only deadlines look at it, never the order of commits.
 * @throws MissingFact when `facts` lacks something: collect it and decide again.
 */
export function decide(
  state: EnvironmentState,
  event: OrderingEvent,
  facts: Facts,
  at: number,
  rules: Rules = RULES,
): Decided {
  const draft = new Draft(state, facts, at, rules);
  const answer = happen(draft, event);
  // A step concerns only the one that runs; nobody else's standing changes by it.
  if (event.kind !== 'step' && event.kind !== 'switch') settleAll(draft);
  return draft.finish(answer);
}

function happen(draft: Draft, event: OrderingEvent): Answer {
  switch (event.kind) {
    case 'signal':
      return accept(draft, event);
    case 'observe':
      return NONE;
    case 'step':
      recordStep(draft, event);
      return NONE;
    case 'switch':
      return commitSwitch(draft, event);
    case 'ended':
      endRun(draft, event);
      return NONE;
    case 'cancel':
      return cancel(draft, event);
    case 'rollback':
      return { kind: 'created', number: rollBack(draft, event).number };
    case 'resume':
      return resume(draft, event.by);
    case 'recover':
      recover(draft);
      return NONE;
  }
}

const NONE: Answer = { kind: 'none' };

/** Looks at everybody in the light of what is known now, then lets the next one start. */
function settleAll(draft: Draft): void {
  advanceAwaiting(draft);
  judgeQueuedAgain(draft);
  judgeEntering(draft);
  startNext(draft);
  draft.candidate =
    draft.hold === null ? null : draft.rules.candidate(draft.remembered, draft.live, draft.facts);
  const wakeAt = nextDeadline(draft);
  if (wakeAt !== null) draft.command({ kind: 'wake', at: wakeAt });
}
