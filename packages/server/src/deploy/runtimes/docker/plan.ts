import type { BuiltImage, ReleaseCommand } from '../runtime.ts';

/** How to run an image, kept as its `plan`. */
export interface DockerPlan {
  readonly runtime: 'docker';
  /** Where it was pushed to, by digest; null: it is on this engine alone. */
  readonly pushed: string | null;
  /** That the program listens on inside. */
  readonly port: number;
  readonly services: readonly PlannedService[];
  readonly releaseCommands: readonly ReleaseCommand[];
}

export interface PlannedService {
  readonly name: string;
  /** A shell's command; null: the image's own. */
  readonly command: string | null;
}

/** Null for an image of another runtime. */
export function planOf(image: BuiltImage): DockerPlan | null {
  const plan: unknown = JSON.parse(image.plan);
  const isOurs =
    typeof plan === 'object' && plan !== null && 'runtime' in plan && plan.runtime === 'docker';
  return isOurs ? (plan as DockerPlan) : null;
}
