import { openKit } from './kit.ts';

/**
 * A server that may be killed: `crash-child.ts DATA KILL_AT APPS`. It takes up what the last one left, sends
 * (again, with the same keys) the signals of every application in APPS, and waits for all of it to end. At the
 * KILL_AT-th debug point it kills itself; 0 means never.
 */
const [dataDir = '', killAt = '0', apps = '[]'] = process.argv.slice(2);
let points = 0;

const kit = await openKit(dataDir, {
  debugPoint: (name) => {
    // Nothing was done since the point before.
    if (name === 'waiting:signal') return;
    points += 1;
    if (points === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  },
});
// The third commit of each application never deploys: the second has to come back.
const broken = new Set<string>();
kit.pipeline.automatic = (sha) => !broken.has(sha);

for (const { shas } of JSON.parse(apps) as { shas: string[] }[]) broken.add(shas[2] ?? '');
await kit.deploy.start();
for (const { environmentUuid, shas } of JSON.parse(apps) as {
  environmentUuid: string;
  shas: string[];
}[]) {
  const asked = await Promise.all(
    shas.map((sha) => kit.signal(environmentUuid, sha, { idempotencyKey: `key-${sha}` })),
  );
  for (const { uuid } of asked) await kit.untilEnded(uuid);
}
await kit.close();
process.stdout.write(`${JSON.stringify({ points, errors: kit.errors.map(String) })}\n`);
