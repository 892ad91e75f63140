import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { divio4Plain, type RealDivio } from '../support/real-divio.ts';
import { createPlace, type Place, travis, webApplication } from '../support/site.ts';

/**
 * Section 6.1 of spec/divio.md, R6: the real client attaches to a deployment that it sees running and never sends its
 * signal. With the service that it was written for, c1 would be live at the end of these tests.
 */
let place: Place;
let divio: RealDivio;
beforeAll(async () => {
  place = await createPlace();
  divio = await divio4Plain(place);
});
afterAll(() => place?.destroy());

const slow = (text: string) => ({
  ...travis('true'),
  ...webApplication(text),
  Procfile: 'release: sleep 6\nweb: python3 app.py\n',
});

describe.each([
  { name: 'the first deployment ever', deployedBefore: false },
  { name: 'a later deployment', deployedBefore: true },
])('while $name runs', ({ deployedBefore }) => {
  it('a second push followed by the real client goes live', async () => {
    const site = await place.createApplication(deployedBefore ? 'before' : 'fresh');
    const id = String(site.application.id);
    if (deployedBefore) {
      await site.push('zero', { ...travis('true'), ...webApplication('zero') });
      await divio.must('app', 'deploy', '--remote-id', id);
    }
    const c1 = await site.push('one', slow('one'));
    const first = divio.must('app', 'deploy', '--remote-id', id);
    await site.until(c1, 'test', (state) => state === 'deploying');
    const c2 = await site.push('two', slow('two'));
    const second = await divio.run('app', 'deploy', '--remote-id', id);
    expect(second.code).toBe(0);
    expect((await site.page('test')).commit).toBe(c2);
    await first;
    expect((await site.page('test')).commit).toBe(c2);
  });
});

it('two pushes in quick succession, each followed by the real client, end with the second live', async () => {
  const site = await place.createApplication('quick');
  const id = String(site.application.id);
  await site.push('one', { ...travis('true'), ...webApplication('one') });
  const first = divio.run('app', 'deploy', '--remote-id', id);
  const c2 = await site.push('two', { ...travis('true'), ...webApplication('two') });
  const second = divio.run('app', 'deploy', '--remote-id', id);
  const codes = (await Promise.all([first, second])).map(({ code }) => code);
  expect(codes).toEqual([0, 0]);
  expect((await site.page('test')).commit).toBe(c2);
});
