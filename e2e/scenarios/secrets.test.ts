import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlace, type Place, type Site, webApplication } from '../support/site.ts';

let place: Place;
let site: Site;
beforeAll(async () => {
  place = await createPlace();
  site = await place.createApplication('secret');
});
afterAll(() => place?.destroy());

it('a token encrypted into .travis.yml reaches the job, deploys, and never the log', async () => {
  const file = join(site.repository.path, '.travis.yml');
  const token = place.machineToken;
  await writeFile(
    file,
    `language: generic
script:
  - echo "plain $TOKEN"
  - echo "$TOKEN" | base64 -w0; echo
  - printf '%s' "$TOKEN" | fold -w 7 | while read part; do printf '%s' "$part"; sleep 0.05; done; echo
  - env | sort
after_success:
  - sluice login $TOKEN
  - sluice app deploy --remote-id ${site.application.id}
`,
  );
  const added = await site.sluice('encrypt', `TOKEN=${token}`, '--add');
  expect(added.code).toBe(0);
  expect(added.stderr).not.toContain('not masked');
  const short = await site.sluice('encrypt', 'PIN=123');
  expect(short.stderr).toContain('A secret of fewer than 4 characters is not masked in logs');
  const text = await readFile(file, 'utf8');
  expect(text).not.toContain(token);
  expect(text).toMatch(/global:\n\s+secure: [A-Za-z0-9+/=]{600,}/);

  const sha = await site.push('secret', webApplication('secret'));
  await site.until(sha, 'test', (state) => state === 'live');
  const log = await site.sluice('build', 'log', '--commit', sha, '--raw');
  expect(log.stdout).toContain('plain [secure]');
  expect(log.stdout).not.toContain(token);
  expect(log.stdout).not.toContain(Buffer.from(`${token}\n`).toString('base64').slice(0, 30));
});

it("a job does not see Sluice's data, and has its tools first on the PATH", async () => {
  const sha = await site.push('look around', {
    '.travis.yml': `language: generic
script:
  - ls -la ${place.installation.dataDir} && echo DATA SEEN || echo no data
  - cat ${place.installation.dataDir}/keys/master.key && echo KEY SEEN || echo no key
  - ps -ef | grep -c "[s]erver/src/main.ts" || true
  - touch /etc/sluice-was-here && echo ETC WRITTEN || echo etc is read-only
  - which sluice divio
  - test "$DIVIO_ZONE" = "${place.installation.url()}" && echo zone is set
`,
  });
  const { stdout } = await site.sluice('build', 'log', '--follow', '--commit', sha);
  expect(stdout).toMatch(/^no data/m);
  expect(stdout).toMatch(/^no key/m);
  expect(stdout).toMatch(/^etc is read-only/m);
  expect(stdout).not.toMatch(/^(DATA|KEY) SEEN|^ETC WRITTEN/m);
  expect(stdout).toMatch(/^zone is set/m);
  expect(stdout).toMatch(/\/sluice\n.*\/divio$/m);
});
