import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { run } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkOutPrevious, isInHistory, sourcesIn } from '../support/previous.ts';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

const root = resolve(import.meta.dirname, '../..');
/** The version before this one: as it stood before PostgreSQL, Docker and runners on other machines came. */
const PREVIOUS = '2f09bbad5fe63c35004c5b502b5f38d0eb00b7d4';

const configuration = (script: string) => `language: generic
script: ${script}
deploy: { provider: sluice, environment: test }
`;

describe.skipIf(!isInHistory(PREVIOUS))('from the version before', () => {
  let directory = '';
  let place: Place;
  let site: Site;
  /** What a job waits for: it answers 503 until somebody says otherwise. */
  let gate: Server;
  let isOpen = false;
  let asked = 0;

  beforeAll(async () => {
    gate = createServer((_, response) => {
      asked += 1;
      response.writeHead(isOpen ? 200 : 503).end();
    }).listen(0);
    await once(gate, 'listening');
    const previous = checkOutPrevious(PREVIOUS);
    directory = previous.directory;
    place = await createPlace({ commands: previous.commands });
    site = await place.createApplication('upgraded');
  });
  afterAll(async () => {
    await place?.destroy();
    gate?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const push = (text: string, script = '"true"') =>
    site.push(text, { '.travis.yml': configuration(script), ...webApplication(text) });
  const isLive = (commit: string) =>
    site.until(commit, 'test', (state) => state === 'live', 180_000);

  test('an upgrade in the middle of a job: nothing is lost, nobody sees an error, and there is a way back', async () => {
    const { installation } = place;
    const first = await push('before the upgrade');
    await isLive(first);
    const file = join(directory, 'before.tar.zst');
    const words = ['admin', 'backup', file, '--data', installation.dataDir];
    expect(await run(join(root, 'script/sluice'), words)).toMatchObject({ code: 0 });

    const url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}/`;
    const ask = `python3 -c 'import urllib.request as u; u.urlopen("${url}")' 2> /dev/null`;
    const second = await push('tested while upgrading', `until ${ask}; do sleep 0.3; done`);
    await expect.poll(() => asked, { timeout: 120_000 }).toBeGreaterThan(0);
    const answers: string[] = [];
    const asking = setInterval(async () => {
      const { status, body } = await site.page('test');
      answers.push(status === 200 ? 'fine' : `${status} ${body}`);
    }, 100);
    await installation.signal('SIGKILL');
    installation.use(sourcesIn(root));
    await installation.start();
    isOpen = true;
    await isLive(second);
    clearInterval(asking);
    expect(answers.length).toBeGreaterThan(10);
    // A router of another protocol takes the place of the old one: for some milliseconds a connection may be refused.
    // What was accepted is answered, and nobody hears of an error.
    const refused = answers.filter((answer) => answer.startsWith('0 connect ECONNREFUSED'));
    expect(refused.length).toBeLessThan(answers.length / 4);
    expect(answers.filter((answer) => answer !== 'fine' && !refused.includes(answer))).toEqual([]);

    // The old version does not touch what the new one wrote.
    await installation.signal('SIGTERM');
    installation.use(sourcesIn(directory));
    await expect(installation.start()).rejects.toThrow('written by a newer Sluice');

    // The way back: the backup from before, and the old version with it.
    installation.use(sourcesIn(root));
    await installation.must([
      'admin',
      'restore',
      file,
      '--replace',
      '--data',
      installation.dataDir,
    ]);
    installation.use(sourcesIn(directory));
    await installation.start();
    await expect
      .poll(async () => (await site.page('test')).commit, { timeout: 120_000 })
      .toBe(first);
    await isLive(await push('after the way back'));
  });
});
