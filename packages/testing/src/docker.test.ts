import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { dockerBaseImage, lacksDocker } from './docker.ts';

describe.skipIf(lacksDocker())('the image that tests with Docker start from', () => {
  test('is made once, and runs Python', async () => {
    const [first, second] = await Promise.all([dockerBaseImage(), dockerBaseImage()]);
    expect(second).toBe(first);
    const said = execFileSync('docker', ['run', '--rm', first, 'python3', '-c', 'print(6 * 7)']);
    expect(said.toString()).toBe('42\n');
  });
});
