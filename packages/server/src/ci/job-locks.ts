/** Lets work on one job's log happen one after the other; different jobs do not wait for each other. */
export interface JobLocks {
  run<T>(jobId: number, work: () => Promise<T>): Promise<T>;
}

export function createJobLocks(): JobLocks {
  const tails = new Map<number, Promise<unknown>>();
  return {
    run: (jobId, work) => {
      const turn = (tails.get(jobId) ?? Promise.resolve()).then(work, work);
      const tail = turn
        .catch(() => undefined)
        .then(() => {
          if (tails.get(jobId) === tail) tails.delete(jobId);
        });
      tails.set(jobId, tail);
      return turn;
    },
  };
}
