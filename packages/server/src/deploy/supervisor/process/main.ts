import { chmodSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { writeDurably } from '../../../router/durable.ts';
import { identify } from '../../../router/identity.ts';
import { acquireLock } from '../../../router/process/lock.ts';
import { createAppLogWriter } from '../app-log.ts';
import { makeSupervisorDirectories, supervisorPaths } from '../paths.ts';
import { defaultBackOff } from './back-off.ts';
import { createInstances } from './instances.ts';
import { openSealedState } from './sealed-state.ts';
import { createControlServer } from './server.ts';

/**
 * The supervisor: one detached process for each installation, which keeps applications running while servers
 * come and go. It ends only when it is told to; then, or when it is killed, its applications go on, and the next
 * supervisor adopts them.
 */
const { values } = parseArgs({
  options: { data: { type: 'string' }, 'back-off-ms': { type: 'string' } },
});
if (values.data === undefined) throw new Error('--data DIRECTORY is missing');
const paths = supervisorPaths(values.data);
makeSupervisorDirectories(values.data);

const lock = acquireLock(paths.lock);
// Another one serves this installation; whoever started us will find it.
if (lock === null) process.exit(0);

const state = await openSealedState(paths.instances, paths.stateKey);
const firstMs = Number(values['back-off-ms'] ?? defaultBackOff.firstMs);
const instances = createInstances(state, {
  root: paths.instanceRoot,
  log: createAppLogWriter(paths.logs),
  backOff: { ...defaultBackOff, firstMs },
});

try {
  await instances.restore();
} catch (error) {
  // Unreadable: put aside, for the server starts again what its database says should run.
  console.error(`${new Date().toISOString()} the record of instances is unreadable: ${error}`);
  await rename(paths.instances, `${paths.instances}.damaged`).catch(() => undefined);
}

const server = createControlServer({ instances, onShutdown: () => leave() });
rmSync(paths.socket, { force: true });
// Whoever gets an answer must be able to find out from whom.
await writeDurably(paths.identity, `${JSON.stringify(identify(process.pid))}\n`).catch(
  (error: unknown) => console.error(`${new Date().toISOString()} ${error}`),
);
server.listen(paths.socket, () => chmodSync(paths.socket, 0o600));

/** Applications are left as they are. */
function leave(): void {
  rmSync(paths.socket, { force: true });
  rmSync(paths.identity, { force: true });
  lock?.close();
  process.exit(0);
}

process.on('SIGTERM', leave);
process.on('SIGINT', leave);
process.on('SIGHUP', () => undefined);
// One broken instance must not take the supervisor, and with it every restart and log, down.
process.on('uncaughtException', (error) => {
  console.error(`${new Date().toISOString()} ${error.stack ?? error.message}`);
});
