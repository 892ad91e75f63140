import type { Transaction } from 'kysely';
import type { Database } from './schema/index.ts';

type Run = <T>(work: (trx: Transaction<Database>) => Promise<T>) => Promise<T>;

/** More would let the first of them wait for long. */
const MOST = 64;

interface Member {
  readonly work: (trx: Transaction<Database>) => Promise<unknown>;
  readonly done: (value: unknown) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Lets what comes at the same moment share one transaction, and so one fsync: that costs more than the rows do. Each
 * caller is answered when the transaction that holds its own work has committed. Where one of them fails, nothing of
 * the group is there, and each is done again alone: so `work` may run twice and must do nothing but its queries.
 */
export function createGroupCommit(run: Run): Run {
  const waiting: Member[] = [];
  let flushing = false;

  const alone = async ({ work, done, failed }: Member): Promise<void> => {
    try {
      done(await run(work));
    } catch (error) {
      failed(error);
    }
  };

  const commit = async (members: readonly Member[]): Promise<void> => {
    let results: unknown[];
    try {
      results = await run(async (trx) => {
        const found: unknown[] = [];
        for (const { work } of members) found.push(await work(trx));
        return found;
      });
    } catch {
      for (const member of members) await alone(member);
      return;
    }
    for (const [index, member] of members.entries()) member.done(results[index]);
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      const members = waiting.splice(0, MOST);
      const [only] = members;
      if (members.length === 1 && only !== undefined) await alone(only);
      else await commit(members);
      // Whoever was read from the network meanwhile comes along with the next one.
      await new Promise((next) => setImmediate(next));
    }
    flushing = false;
  };

  return <T>(work: (trx: Transaction<Database>) => Promise<T>): Promise<T> =>
    new Promise<T>((done, failed) => {
      waiting.push({ work, done: (value) => done(value as T), failed });
      if (flushing) return;
      flushing = true;
      setImmediate(() => void flush());
    });
}
