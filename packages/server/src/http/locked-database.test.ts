import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HttpServer, startHttpServer } from '../../test/http-server.ts';

/** spec/faults.md 19: another process holds the embedded database's write lock for longer than Sluice waits. */
const HOLD = `
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(process.argv[1]);
  database.exec('BEGIN IMMEDIATE');
  console.log('held');
  process.stdin.once('data', () => { database.exec('ROLLBACK'); process.exit(0); });
`;

let server: HttpServer;
let holder: ChildProcess | undefined;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(async () => {
  holder?.kill('SIGKILL');
  await server?.stop();
});

test.skipIf(process.env['SLUICE_TEST_DATABASE_URL'] !== undefined)(
  'what would change something is refused with 503 and what to do, and goes through afterwards',
  async () => {
    holder = spawn(process.execPath, ['-e', HOLD, join(server.dataDir, 'sluice.db')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    if (holder.stdout !== null) await once(holder.stdout, 'data');
    const client = server.client(server.admin.token);
    const create = () =>
      client.applications.create({ name: 'Shop', organisation: server.organisationUuid });
    await expect(create()).rejects.toMatchObject({
      ...{ status: 503, reason: 'database_busy' },
      message: expect.stringContaining('Try again in a moment.'),
    });
    // What only reads is not held up.
    expect(await client.applications.list()).toMatchObject({ count: 0 });

    holder.stdin?.write('go\n');
    await once(holder, 'exit');
    expect(await create()).toMatchObject({ slug: 'shop' });
    expect(await client.applications.list()).toMatchObject({ count: 1 });
  },
);
