/** The oldest waiting job of a repository, among those that the asking runner may have. */
export interface Waiting {
  readonly repositoryUuid: string;
  readonly jobId: number;
  /** Rises with every job that is queued. */
  readonly ticket: number;
  /** Its verdict is stored already: it only has its `after_*` phases to run, and takes no slot. */
  readonly afterVerdict: boolean;
  /** Jobs of this repository that hold a slot now. */
  readonly holding: number;
  /** How many may at once; null: any number. */
  readonly maxHolding: number | null;
  /** When a job of this repository was last handed out, as a rising number; 0: never. */
  readonly lastLease: number;
}

export interface Capacity {
  /** Slots held over the whole installation, and how many there are; null: any number. */
  readonly holding: number;
  readonly max: number | null;
}

/**
 * Which job a runner gets next. Jobs of one repository go in the order in which they were queued. Between
 * repositories: whoever holds fewest slots, then whoever was served longest ago, so that one with a thousand
 * waiting jobs does not keep another's single one waiting.
 *
 * From its verdict on a job holds no slot (spec/ordering.md 2.3), hence one that comes back after its verdict needs none.
 */
export function chooseNext(waiting: readonly Waiting[], capacity: Capacity): Waiting | null {
  const free = capacity.max === null || capacity.holding < capacity.max;
  const eligible = waiting.filter(
    (job) =>
      job.afterVerdict || (free && (job.maxHolding === null || job.holding < job.maxHolding)),
  );
  return eligible.reduce<Waiting | null>(
    (best, job) => (best === null || comesBefore(job, best) ? job : best),
    null,
  );
}

function comesBefore(one: Waiting, other: Waiting): boolean {
  if (one.afterVerdict !== other.afterVerdict) return one.afterVerdict;
  if (one.holding !== other.holding) return one.holding < other.holding;
  if (one.lastLease !== other.lastLease) return one.lastLease < other.lastLease;
  return one.ticket < other.ticket;
}
