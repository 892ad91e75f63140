import { join } from 'node:path';
import { type CommandResult, run } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlace, type Place } from '../support/site.ts';

/**
 * The promises of spec/ordering.md 7, checked from outside by `sluice simulate`: a few seeds, one of them with a server
 * that is killed, and the thirty merges (issue 5, item 8). Hundreds of seeds are for a machine with time.
 */
const root = join(import.meta.dirname, '../..');

/** What a failing run says is worth more than its exit code. */
const expectKept = ({ code, stdout, stderr }: CommandResult) =>
  expect(code, `${stdout}\n${stderr}`).toBe(0);

describe('a storm', () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace({ flags: ['--commit-wait-seconds', '60'] });
  });
  afterAll(() => place?.destroy());
  const simulate = (...words: string[]) =>
    place.installation.sluice(['simulate', '--shrink-seconds', '0', ...words]);

  it.each(['2', '19'])('of seed %s: every promise is kept', async (seed) => {
    expectKept(await simulate('--seed', seed));
  });

  it('of thirty merges while deployments hold for long: newest live, few deployments, nothing manual', async () => {
    const file = join(root, 'examples/storms/thirty-merges.storm');
    const told = await simulate('--file', file, '--json');
    expectKept(told);
    const seen = JSON.parse(told.stdout.split('\n')[0] ?? '');
    expect(seen).toMatchObject({ ok: true, liveCommit: 'm30', onHold: false, broken: [] });
  });

  it('leaves no application behind', async () => {
    expect((await place.client().applications.list()).count).toBe(0);
  });

  it('says on what line a storm is wrong', async () => {
    const file = join(place.installation.home, 'wrong.storm');
    await run('sh', ['-c', 'printf "gate on\\ncommit c1 < c0\\n" > "$1"', 'sh', file]);
    const told = await simulate('--file', file);
    expect(told).toMatchObject({ code: 2 });
    expect(told.stderr).toContain('line 2 of the storm: there is no earlier commit c0');
  });
});

it('a storm in which the server is killed: every promise is kept', async () => {
  const place = await createPlace();
  try {
    const { dataDir } = place.installation;
    await place.installation.signal('SIGTERM');
    const server = [join(root, 'script/server'), '--data', dataDir, '--port', '0'];
    const told = await place.installation.sluice(
      ['simulate', '--shrink-seconds', '0', '--seed', '1', '--server', server.join(' ')],
      { environment: { SLUICE_TOKEN: place.token } },
    );
    expectKept(told);
    expect(told.stdout).toContain('the server is back');
  } finally {
    await place.destroy();
  }
});
