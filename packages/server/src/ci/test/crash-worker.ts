/**
 * A server's CI part with an embedded runner that does nothing but report, for tests that kill it at any moment. Says on
 * standard output what it has been told is durable: a line is printed only after the call has come back.
 *
 *   node crash-worker.ts DATA_DIR
 */
import { createAccounts } from '../../accounts/index.ts';
import { createGit } from '../../git/index.ts';
import { createSecrets } from '../../secrets/index.ts';
import { openStore } from '../../store/test/open-store.ts';
import { createCi } from '../index.ts';
import { ARTIFACTS, CACHES, notifyIn, SETTINGS } from './settings.ts';

const dataDir = process.argv[2] ?? '';
const store = await openStore({ dataDir });
const secrets = await createSecrets({ dataDir, db: store.db, rsaBits: 2048 });
const git = createGit({ dataDir, store, secrets });
const accounts = createAccounts({ store });
const ci = createCi({
  store,
  git,
  secrets,
  accounts,
  settings: { ...SETTINGS, maxJobs: 1 },
  caches: CACHES,
  artifacts: ARTIFACTS,
  notify: notifyIn(dataDir),
});
await ci.start();
await ci.runner.voidLeasesOf('embedded');

const say = (line: string) => process.stdout.write(`${line}\n`);

async function work(): Promise<void> {
  for (;;) {
    const leased = await ci.runner.lease({ runner: 'embedded', isolates: true }, 200);
    if (leased === null) {
      if (await isQuiet()) return;
      continue;
    }
    const { leaseToken, payload } = leased;
    const { jobId, earlierVerdict, attempt } = payload;
    say(`leased ${jobId} ${attempt}`);
    await ci.runner.appendLog(jobId, leaseToken, 0, Buffer.from('$ true\n'));
    if (earlierVerdict === null) {
      await ci.runner.verdict(jobId, leaseToken, 'passed');
      say(`verdict ${jobId} ${attempt}`);
    } else {
      // Would turn the build red if an earlier verdict did not stand.
      await ci.runner.verdict(jobId, leaseToken, 'failed');
    }
    await ci.runner.appendLog(jobId, leaseToken, 7, Buffer.from('$ after_success\n'));
    await ci.runner.finish(jobId, leaseToken, { state: 'failed', exitCode: 1, reason: null });
    say(`finished ${jobId} ${attempt}`);
  }
}

async function isQuiet(): Promise<boolean> {
  const open = await store.db
    .selectFrom('builds')
    .select('id')
    .where('state', 'in', ['created', 'started'])
    .executeTakeFirst();
  return open === undefined && (await store.messages.waiting('ci')) === 0;
}

// Two at once although there is one slot: the second gets its job when the first has its verdict.
await Promise.all([work(), work()]);
await ci.stop();
await git.stop();
await store.close();
say('quiet');
