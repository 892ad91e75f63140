import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { dockerJobImage, lacksDocker } from '@sluice/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const TAG = 'sluice-test-image:latest';
const NAME = `sluice-test-image-${process.pid}`;

const docker = (...words: string[]) => execFileSync('docker', words, { encoding: 'utf8' }).trim();

/** The image of packaging/Dockerfile, built and run as docs/how-to/install.md has it. */
describe.skipIf(lacksDocker())('in a container', () => {
  beforeAll(async () => {
    const base = await dockerJobImage();
    const words = [TAG, '--network', 'host', '--build-arg', `BASE=${base}`];
    execFileSync(resolve(root, 'script/image'), words, { stdio: ['ignore', 'ignore', 'pipe'] });
    docker('run', '--detach', '--init', '--name', NAME, '--publish', '127.0.0.1::8700', TAG);
  });
  afterAll(() => {
    docker('rm', '--force', '--volumes', NAME);
    docker('rmi', '--force', TAG);
  });

  const address = () => `http://${docker('port', NAME, '8700').split('\n')[0]}`;
  const status = () =>
    fetch(`${address()}/readyz`).then(
      (response) => response.status,
      () => 0,
    );
  const inside = (...words: string[]) => docker('exec', NAME, 'sluice', ...words);

  test('starts as an ordinary user, is administered from inside, and keeps its data', async () => {
    await expect.poll(status, { timeout: 120_000 }).toBe(200);
    expect(docker('exec', NAME, 'id', '-un')).toBe('sluice');
    await expect.poll(() => docker('logs', NAME)).toContain('no administrator yet');
    inside('admin', 'create-user', '--email', 'admin@example.com');
    const token = inside('admin', 'create-token', '--email', 'admin@example.com');
    const me = () =>
      fetch(`${address()}/iam/v3/me/`, { headers: { authorization: `Token ${token}` } }).then(
        (response) => response.json(),
        () => null,
      );
    expect(await me()).toMatchObject({ email: 'admin@example.com' });
    // A stop is a clean one: the server gets the signal itself.
    docker('stop', '--time', '60', NAME);
    expect(docker('inspect', '--format', '{{.State.ExitCode}}', NAME)).toBe('0');
    docker('start', NAME);
    await expect.poll(me, { timeout: 120_000 }).toMatchObject({ email: 'admin@example.com' });
    await expect
      .poll(() => docker('inspect', '--format', '{{.State.Health.Status}}', NAME), {
        timeout: 120_000,
      })
      .toBe('healthy');
  });
});
