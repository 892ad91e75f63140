import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { divio3, divio4, divio4Plain, type RealDivio } from '../support/real-divio.ts';
import { createPlace, type Place, type Site, travis, webApplication } from '../support/site.ts';

let place: Place;
let site: Site;
let id: string;

beforeAll(async () => {
  place = await createPlace();
  site = await place.createApplication('shop');
  id = String(site.application.id);
  await site.push('first', { ...travis('true'), ...webApplication('hello') });
});
afterAll(() => place?.destroy());

describe('divio-cli 3.x over plain HTTP', () => {
  it('logs in, checks, deploys', async () => {
    const divio = await divio3(place);
    expect((await divio.run('login', 'wrong')).code).not.toBe(0);
    await divio.must('login', place.token);
    await divio.must('login', '--check');
    await divio.must('app', 'deploy', '--remote-id', id);
    expect((await site.page('test')).body).toBe('hello');
    const unknown = await divio.run('app', 'deploy', 'nowhere', '--remote-id', id);
    expect(unknown.code).not.toBe(0);
  });
});

describe('divio-cli 4.x through TLS', () => {
  let divio: RealDivio;
  beforeAll(async () => {
    divio = await divio4(place);
  });
  afterAll(() => divio?.close());

  it('logs in and out', async () => {
    expect((await divio.run('login', 'wrong')).code).toBe(1);
    expect(await divio.must('login', place.token)).toContain('admin@example.com');
    expect(await divio.must('login', '--check')).toContain('You are logged in as');
    expect(await divio.must('doctor', '-m', '-c', 'login')).toContain('{"login": null}');
    await divio.must('logout', '--non-interactive');
    expect((await divio.run('login', '--check')).code).toBe(1);
    await divio.must('login', place.token);
  });

  it('deploys by website id and by uuid, and reports a failure', async () => {
    await divio.must('app', 'deploy', '--remote-id', id);
    await divio.must('app', 'deploy', 'live', '--remote-id', site.application.uuid);
    expect((await site.page('live')).body).toBe('hello');
    await site.push('broken', { ...webApplication('never seen', 'raise SystemExit(3)') });
    const failed = await divio.run('app', 'deploy', '--remote-id', id);
    expect(failed.code).toBe(1);
    expect(failed.stdout + failed.stderr).toContain('deploy-log');
    expect((await site.page('test')).body).toBe('hello');
    expect(await divio.must('app', 'deploy-log', '--remote-id', id)).toContain('sanity tests');
    await site.push('mended', { ...webApplication('mended') });
    await divio.must('app', 'deploy', '--remote-id', id, '--build-mode', 'FORCE');
    expect((await site.page('test')).body).toBe('mended');
  });

  it('lists applications, deployments and variables', async () => {
    expect(await divio.must('app', 'list')).toContain(site.application.uuid);
    expect(JSON.parse(await divio.must('app', 'list', '--json'))).toMatchObject({ count: 1 });
    const list = ['list', '--remote-id', id];
    const listed = await divio.must('app', 'deployments', '--json', ...list);
    expect(listed).toContain('"success"');
    const limited = await divio.must(
      ...['app', 'deployments', ...list, '--all-envs', '--limit', '1'],
    );
    expect(limited).toMatch(/There were \d+ results available/);
    await divio.must('app', 'deployments', ...list, '-e', 'live');

    await site.sluice('app', 'env-vars', 'set', 'COLOUR=blue', '-e', 'test');
    await site.sluice('app', 'env-vars', 'set', 'SECRET=hidden', '--sensitive', '-e', 'test');
    const variables = await divio.must('app', 'env-vars', '--txt', ...list);
    expect(variables).toContain('COLOUR=blue');
    expect(variables).not.toContain('hidden');
    const got = await divio.must('app', 'env-vars', 'get', 'COLOUR', '--remote-id', id);
    expect(got).toContain('blue');
  });

  it('shows a deployment with the variables that it had', async () => {
    await divio.must('app', 'deploy', '--remote-id', id);
    const { results } = await place.client().deployments.list({
      environment: site.environment('test').uuid,
    });
    const uuid = results[0]?.uuid ?? '';
    const shown = await divio.must('app', 'deployments', 'get', uuid, '--remote-id', id);
    expect(shown).toContain('COLOUR');
    const value = (name: string) =>
      divio.must('app', 'deployments', 'get-var', uuid, name, '--remote-id', id);
    expect(await value('COLOUR')).toContain('blue');
    expect(await value('SECRET')).not.toContain('hidden');
  });

  it("shows the application's log", async () => {
    await site.push('talk', webApplication('talk', "print('ready to serve', flush=True)"));
    await divio.must('app', 'deploy', '--remote-id', id);
    expect(await divio.must('app', 'logs', '--remote-id', id)).toContain('ready to serve');
  });

  it('creates an application', async () => {
    const organisation = (await place.client().organisations.list()).results[0]?.uuid ?? '';
    const { send } = place.client();
    const first = async (path: string) =>
      (await send<{ results: { uuid: string }[] }>('GET', path)).results[0]?.uuid ?? '';
    await divio.must(
      ...['app', 'create', '-I', '-n', 'Second shop', '-s', 'second-shop', '-o', organisation],
      ...['-p', await first('/billing/v3/application-plan-groups/')],
      ...['-r', await first('/apps/v3/regions/'), '--json'],
    );
    expect(await divio.must('app', 'list')).toContain('second-shop');
  });
});

describe('divio-cli 4.x over plain HTTP', () => {
  it('deploys with a netrc entry', async () => {
    const divio = await divio4Plain(place);
    await divio.must('app', 'deploy', '--remote-id', id);
  });
});
