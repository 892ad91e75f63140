import type { Violation } from '../../packages/cli/src/simulate/promises/promise.ts';
import type { StormRecord } from '../../packages/cli/src/simulate/record.ts';
import { FINALE } from './storms.ts';

/** What a long storm promises besides those of every storm (spec/ordering.md 7). */
export function lastingPromises(record: StormRecord): Violation[] {
  return [...everyPushIsTested(record), ...theNewestIsLive(record)];
}

/** The head of every push that was taken has a build, and that build a verdict. */
function everyPushIsTested({ deeds, builds }: StormRecord): Violation[] {
  const heads = deeds.flatMap(({ action, refusal }) =>
    (action.do === 'push' || action.do === 'force-push') && refusal === null ? [action.commit] : [],
  );
  return [...new Set(heads)].flatMap((commit) => {
    const states = builds.filter((build) => build.commit === commit).map(({ state }) => state);
    if (states.some((state) => state === 'passed' || state === 'failed')) return [];
    const text = `${commit} was pushed and its build is ${states.join(', ') || 'not there'}`;
    return [{ promise: 'every push is tested', text }];
  });
}

function theNewestIsLive({ liveCommit, pages }: StormRecord): Violation[] {
  const page = pages.at(-1)?.commit ?? null;
  if (liveCommit === FINALE && page === FINALE) return [];
  const text = `in the end ${liveCommit} is live and the page is that of ${page}, not of ${FINALE}`;
  return [{ promise: 'the newest is live', text }];
}
