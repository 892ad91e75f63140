import { SluiceError } from '../errors.ts';

type Trouble = readonly [reason: string, message: string, remedy: string];

const AWAY: Trouble = ['database_away', 'The database does not answer.', 'Try again in a moment.'];
const BUSY: Trouble = ['database_busy', 'The database is busy.', 'Try again in a moment.'];
const FULL: Trouble = [
  'database_full',
  'The database has no room left.',
  'An administrator has to make room; until then nothing can be changed.',
];
const READ_ONLY: Trouble = [
  'database_read_only',
  'The database takes no changes now.',
  'Try again later; an administrator finds why in the log of PostgreSQL.',
];

/** PostgreSQL's error codes (appendix A of its manual), and Node's of a connection that cannot be made or breaks. */
const CODES: Readonly<Record<string, Trouble>> = {
  ...{ '57P01': AWAY, '57P02': AWAY, '57P03': AWAY, '57P05': AWAY, '25P03': AWAY },
  ...{ ECONNREFUSED: AWAY, ECONNRESET: AWAY, EPIPE: AWAY, ENOTFOUND: AWAY, EAI_AGAIN: AWAY },
  ...{ ETIMEDOUT: AWAY, EHOSTUNREACH: AWAY, ENETUNREACH: AWAY },
  // Too many connections, out of memory, out of time, waited too long for a lock, gave way to another.
  ...{ '53300': BUSY, '53200': BUSY, '57014': BUSY, '55P03': BUSY, '40P01': BUSY, '40001': BUSY },
  ...{ '53100': FULL, '53400': FULL },
  '25006': READ_ONLY,
};

/** What has no code: of `pg` and its pool. */
const TEXTS: readonly (readonly [RegExp, Trouble])[] = [
  [/^timeout exceeded when trying to connect/, BUSY],
  [/^(Connection terminated|Client has encountered a connection error|Client was closed)/, AWAY],
];

/** Errors of connections to PostgreSQL: of a mirror or a registry that is away the codes are the same. */
const ofDatabase = new WeakSet<Error>();

/** Remembers that this error came from the database, and answers it. */
export function fromDatabase(error: unknown): unknown {
  if (error instanceof Error) ofDatabase.add(error);
  return error;
}

/**
 * `unavailable` with a reason where `error` (of a query, or a cause of it) says that PostgreSQL cannot serve now; null
 * for every other error. Nothing was changed, unless the connection broke in the middle of a commit.
 */
export function troubleOf(error: unknown): SluiceError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!ofDatabase.has(cause)) continue;
    const trouble = byCode(cause) ?? byText(cause.message);
    if (trouble === null) continue;
    const [reason, message, remedy] = trouble;
    return new SluiceError('unavailable', message, { reason, remedy, cause: error });
  }
  return null;
}

/** SQLite's result codes (sqlite.org/rescode.html); the lowest byte of an extended one is its primary one. */
const SQLITE_CODES: Readonly<Record<number, Trouble>> = {
  5: BUSY,
  6: BUSY,
  8: [
    'database_read_only',
    'The database takes no changes now.',
    "An administrator has to look at the data directory's owner, rights and file system.",
  ],
  13: FULL,
};

/**
 * As {@link troubleOf} for the embedded database: another process holds its write lock for longer than Sluice waits,
 * the disk is full. Nothing was changed. Apart, since nobody is told when it is over, as PostgreSQL's watcher does:
 * only who can ask again may be sent away with this.
 */
export function embeddedTroubleOf(error: unknown): SluiceError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!('code' in cause && cause.code === 'ERR_SQLITE_ERROR' && 'errcode' in cause)) continue;
    const trouble = SQLITE_CODES[Number(cause.errcode) & 0xff];
    if (trouble === undefined) continue;
    const [reason, message, remedy] = trouble;
    return new SluiceError('unavailable', message, { reason, remedy, cause: error });
  }
  return null;
}

function byCode(error: Error): Trouble | null {
  const code = 'code' in error ? String(error.code) : '';
  // Class 08: the connection itself.
  return code.startsWith('08') && code.length === 5 ? AWAY : (CODES[code] ?? null);
}

const byText = (text: string): Trouble | null =>
  TEXTS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
