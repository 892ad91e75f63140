import type { RefState } from './refs.ts';
import { ABSENT } from './types.ts';

/** What a post-receive hook reported: this push moved this ref. Raw objects, as git says it. */
export interface Receipt {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly pusherUuid: string | null;
}

/** One move of a ref that is to be recorded. */
export interface Step {
  readonly ref: string;
  readonly from: RefState | null;
  readonly to: RefState | null;
  readonly receipt: Receipt | null;
}

export interface ChangesInput {
  /** What was recorded before. */
  readonly recorded: ReadonlyMap<string, RefState>;
  /** What is on disk; `null` plans only what the receipts say (more pushes may be on their way). */
  readonly disk: ReadonlyMap<string, RefState> | null;
  readonly receipts: readonly Receipt[];
  /** The commit that each receipt's `after` names. */
  readonly commitOf: (object: string) => string | null;
}

/**
 * The moves that lead from what was recorded to what is. Receipts that continue from the recorded state become steps of
 * their own, so that two quick pushes are two pushes; whatever is then still different on disk (a push whose hook
 * never arrived, a fetch) becomes one step more. Done twice, the second time plans nothing.
 */
export function planSteps({ recorded, disk, receipts, commitOf }: ChangesInput): Step[] {
  const steps: Step[] = [];
  const current = new Map(recorded);
  const move = (ref: string, to: RefState | null, receipt: Receipt | null) => {
    steps.push({ ref, from: current.get(ref) ?? null, to, receipt });
    if (to === null) current.delete(ref);
    else current.set(ref, to);
  };

  for (const receipt of receipts) {
    if (receipt.before !== (current.get(receipt.ref)?.sha ?? ABSENT)) continue;
    if (receipt.after === receipt.before) continue;
    const to =
      receipt.after === ABSENT ? null : { sha: receipt.after, commitSha: commitOf(receipt.after) };
    move(receipt.ref, to, receipt);
  }
  if (disk === null) return steps;
  for (const ref of [...current.keys()]) if (!disk.has(ref)) move(ref, null, null);
  for (const [ref, state] of disk) {
    if (current.get(ref)?.sha !== state.sha) move(ref, state, null);
  }
  return steps;
}

/** Which of several branches that came first together becomes the default one. */
export function chooseDefaultBranch(branches: readonly string[]): string | null {
  for (const name of ['main', 'master', 'trunk']) if (branches.includes(name)) return name;
  return branches[0] ?? null;
}
