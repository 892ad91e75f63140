/**
 * A thread that looks through a whole database and posts what `PRAGMA quick_check` says. It reads only, on a connection
 * of its own: in the server's thread a large file would hold everything up for seconds.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const database = new DatabaseSync(String(workerData), { readOnly: true });
try {
  const rows = database.prepare('PRAGMA quick_check(5)').all();
  parentPort?.postMessage(rows.map((row) => String(row['quick_check'])));
} finally {
  database.close();
}
