import { createTurns } from '../../turns.ts';
import { isRunning } from '../ordering/rules.ts';
import type { Decided, OrderingEvent } from '../ordering/types.ts';
import { type EngineDeps, SYSTEM } from './context.ts';
import { closeLog } from './deployment-log.ts';
import { type Loaded, loadEnvironment, noEnvironment, reload } from './environment.ts';
import type { Decider } from './facts.ts';
import type { Names, TransitionOptions } from './transition-types.ts';
import { StaleState, writeDecision } from './write.ts';

export interface Transition {
  readonly loaded: Loaded;
  readonly decided: Decided;
  /** The uuid of each acceptance number that this transition concerns. */
  readonly names: Names;
  /** The environment's fence after it. */
  readonly fence: number;
  /** Nothing was decided and nothing written. */
  readonly idle: boolean;
}

export type Transit = (
  environmentUuid: string,
  event: OrderingEvent,
  options?: TransitionOptions,
) => Promise<Transition>;

/** Called with each transition after its commit, in order. */
type Committed = (transition: Transition) => void;

const MOST_TRIES = 50;
/** Longer, and the first of them would wait for the last. */
const MOST_TOGETHER = 64;
/** What may happen in an environment that was removed: only what brings its deployments to their ends. */
const ENDING: readonly OrderingEvent['kind'][] = ['cancel', 'step', 'switch', 'ended', 'recover'];

/** One event of several that are decided on one after the other and written together. */
interface Step {
  readonly event: OrderingEvent;
  readonly options: TransitionOptions;
}

type Outcomes = readonly PromiseSettledResult<Transition>[];

/** Signals that wait for their environment's turn together. */
interface Batch {
  readonly steps: Step[];
  /** In the order of `steps`. */
  readonly outcomes: Promise<Outcomes>;
}

/**
 * One transition of one environment (ordering.md 6): read the state, decide with facts from git, write
 * everything in one transaction that `order_version` guards. When somebody else was faster it is decided
 * again on the newer state. `committed` performs the commands afterwards; what a crash leaves unperformed
 * there, `recover` and `observe` do again.
 *
 * Signals that wait for the same turn share reading, facts and transaction; each is a decision of its own,
 * made on the state that the one before leaves.
 */
export function createTransit(deps: EngineDeps, decideOn: Decider, committed: Committed) {
  const turns = createTurns();
  const open = new Map<string, Batch>();

  const once = async (environmentUuid: string, steps: readonly Step[]): Promise<Transition[]> => {
    const loaded = await loadEnvironment(deps.store, environmentUuid);
    if (loaded.removed && !steps.every(({ event }) => ENDING.includes(event.kind)))
      throw noEnvironment();
    const at = deps.now();
    const events = steps.map(({ event }) => event);
    const decided = await decideOn(loaded, events, at);
    await deps.debugPoint?.(`decided:${events[0]?.kind}`);
    const transitions = await deps.store.transaction(async (trx) => {
      const written: Transition[] = [];
      let before = loaded;
      for (const [index, one] of decided.entries()) {
        // What it was decided on is what the one before it has written just now.
        if (index > 0) before = await reload(trx, before);
        const origin = { who: SYSTEM, via: 'auto' };
        const todo = { loaded: before, decided: one, at, origin, ...steps[index]?.options };
        written.push({ loaded: before, decided: one, ...(await writeDecision(trx, todo)) });
      }
      return written;
    });
    await deps.debugPoint?.(`committed:${events[0]?.kind}`);
    return transitions;
  };

  const perform = async (
    environmentUuid: string,
    steps: readonly Step[],
  ): Promise<Transition[]> => {
    for (let tries = 0; ; tries++) {
      try {
        const transitions = await once(environmentUuid, steps);
        await Promise.all(transitions.map((transition) => closeLogsOf(deps, transition)));
        for (const transition of transitions) {
          announce(deps, transition);
          committed(transition);
        }
        return transitions;
      } catch (error) {
        if (!(error instanceof StaleState) || tries >= MOST_TRIES) throw error;
      }
    }
  };

  /** Where one of them cannot be written none is, and each is tried alone. */
  const performAll = async (environmentUuid: string, steps: readonly Step[]): Promise<Outcomes> => {
    if (steps.length > 1) {
      try {
        const transitions = await perform(environmentUuid, steps);
        return transitions.map((value) => ({ status: 'fulfilled', value }));
      } catch {
        // Whose fault it was shows below.
      }
    }
    const outcomes: PromiseSettledResult<Transition>[] = [];
    for (const step of steps)
      outcomes.push(...(await Promise.allSettled([alone(environmentUuid, step)])));
    return outcomes;
  };

  const alone = async (environmentUuid: string, step: Step): Promise<Transition> =>
    one(await perform(environmentUuid, [step]));

  const together = async (environmentUuid: string, step: Step): Promise<Transition> => {
    let batch = open.get(environmentUuid);
    if (batch === undefined || batch.steps.length >= MOST_TOGETHER) {
      const steps: Step[] = [];
      const outcomes = turns.take(environmentUuid, () => {
        if (open.get(environmentUuid)?.steps === steps) open.delete(environmentUuid);
        return performAll(environmentUuid, steps);
      });
      batch = { steps, outcomes };
      open.set(environmentUuid, batch);
    }
    const place = batch.steps.push(step) - 1;
    void deps.debugPoint?.('waiting:signal');
    const outcome = (await batch.outcomes)[place];
    if (outcome?.status === 'fulfilled') return outcome.value;
    throw outcome?.reason;
  };

  const transit: Transit = (environmentUuid, event, options = {}) => {
    if (event.kind === 'signal') return together(environmentUuid, { event, options });
    // Whoever comes after this one must not overtake it.
    open.delete(environmentUuid);
    return turns.take(environmentUuid, () => {
      options.begun?.();
      return alone(environmentUuid, { event, options });
    });
  };

  return { transit, settled: turns.settled };
}

function one(transitions: readonly Transition[]): Transition {
  const [only] = transitions;
  if (only === undefined) throw new Error('a transition without a decision');
  return only;
}

/** Before anybody is told: whoever reads the log of an ended deployment finds its last line. */
async function closeLogsOf(deps: EngineDeps, { decided, names }: Transition): Promise<void> {
  for (const d of decided.changed) {
    const uuid = names.uuidOf(d.number);
    if (d.endedAt === null || uuid === null) continue;
    await closeLog(deps.store, { uuid, status: d.status, reason: d.reason }).catch(
      (error: unknown) => deps.onError(error, `closing the log of ${uuid}`),
    );
  }
}

/** Wakes whoever waits; the truth is in the rows. */
function announce({ store }: EngineDeps, { loaded, decided, names, idle }: Transition): void {
  const { environmentUuid, applicationUuid: application } = loaded;
  store.events.emit(`environment:${environmentUuid}`);
  for (const d of decided.changed) {
    const uuid = names.uuidOf(d.number);
    if (uuid !== null) store.events.emit(`deployment:${uuid}`);
  }
  // Looks that decide nothing are many, and there is nothing to see.
  if (idle) return;
  store.changes.emit({ kind: 'environment', id: environmentUuid, application });
  const running = [...decided.state.deployments.values()].filter((d) => isRunning(d.status));
  for (const { number } of new Set([...decided.changed, ...running])) {
    const uuid = names.uuidOf(number);
    if (uuid !== null) store.changes.emit({ kind: 'deployment', id: uuid, application });
  }
}
