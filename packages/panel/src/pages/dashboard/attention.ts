import type { ApplicationLine, EnvironmentLine } from '@sluice/contract';

/** The one word that an environment's marks come down to; `text/states.ts` says it to people. */
export function environmentState({ health, moving, hold, last_failure }: EnvironmentLine): string {
  if (health === 'failing') return 'failing';
  if (moving !== null) return moving.status;
  if (last_failure?.status === 'FAILED') return 'FAILED';
  if (hold !== null) return 'held';
  return health;
}

/** Of many states the one that a tab should show: trouble first, then what moves. */
export function worstState(states: readonly string[], toneOf: (state: string) => string): string {
  for (const tone of ['bad', 'busy', 'warn', 'good']) {
    const found = states.find((state) => toneOf(state) === tone);
    if (found !== undefined) return found;
  }
  return 'none';
}

/** Every state of an application that somebody may look for. */
export const applicationStates = ({ environments, builds }: ApplicationLine): string[] => [
  ...environments.map(environmentState),
  ...builds.slice(0, 1).map(({ state }) => state),
];

/** Whether an application is what somebody types: its name, an environment, or a word for its state. */
export function matches(
  application: ApplicationLine,
  text: string,
  labelOf: (state: string) => string,
): boolean {
  const words = [
    application.name,
    application.slug,
    ...application.environments.flatMap((environment) => [
      environment.slug,
      environment.branch,
      environment.health,
      environment.hold === null ? '' : 'held hold',
      environment.moving === null ? '' : 'deploying moving',
      environment.summary,
    ]),
    ...applicationStates(application).map(labelOf),
  ];
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.some((word) => word.toLowerCase().includes(part)));
}
