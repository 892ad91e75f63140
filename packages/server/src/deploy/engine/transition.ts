import { createTurns } from '../../turns.ts';
import { isRunning } from '../ordering/rules.ts';
import type { Decided, OrderingEvent } from '../ordering/types.ts';
import { type EngineDeps, SYSTEM } from './context.ts';
import { closeLog } from './deployment-log.ts';
import { type Loaded, loadEnvironment, noEnvironment } from './environment.ts';
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

const MOST_TRIES = 50;
/** What may happen in an environment that was removed: only what brings its deployments to their ends. */
const ENDING: readonly OrderingEvent['kind'][] = ['cancel', 'step', 'switch', 'ended', 'recover'];

/**
 * One transition of one environment (ordering.md 6): read the state, decide with facts from git, write
 * everything in one transaction that `order_version` guards. When somebody else was faster it is decided
 * again on the newer state. `committed` performs the commands afterwards; what a crash leaves unperformed
 * there, `recover` and `observe` do again.
 */
export function createTransit(
  deps: EngineDeps,
  decideOn: (loaded: Loaded, event: OrderingEvent, at: number) => Promise<Decided>,
  committed: (transition: Transition) => void,
) {
  const turns = createTurns();

  const once = async (
    environmentUuid: string,
    event: OrderingEvent,
    options: TransitionOptions,
  ): Promise<Transition> => {
    const loaded = await loadEnvironment(deps.store, environmentUuid);
    if (loaded.removed && !ENDING.includes(event.kind)) throw noEnvironment();
    const at = deps.now();
    const decided = await decideOn(loaded, event, at);
    await deps.debugPoint?.(`decided:${event.kind}`);
    const { names, fence, idle } = await deps.store.transaction((trx) =>
      writeDecision(trx, { loaded, decided, at, origin: { who: SYSTEM, via: 'auto' }, ...options }),
    );
    await deps.debugPoint?.(`committed:${event.kind}`);
    return { loaded, decided, names, fence, idle };
  };

  const transit: Transit = (environmentUuid, event, options = {}) =>
    turns.take(environmentUuid, async () => {
      options.begun?.();
      for (let tries = 0; ; tries++) {
        try {
          const transition = await once(environmentUuid, event, options);
          await closeLogsOf(deps, transition);
          announce(deps, transition);
          committed(transition);
          return transition;
        } catch (error) {
          if (!(error instanceof StaleState) || tries >= MOST_TRIES) throw error;
        }
      }
    });

  return { transit, settled: turns.settled };
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
