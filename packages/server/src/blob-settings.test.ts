import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bucketOf } from './blob-settings.ts';
import { readSettings } from './settings/index.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-blob-settings-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const bucket = (flags: readonly string[], environment: NodeJS.ProcessEnv = {}) =>
  bucketOf(readSettings({ flags: ['--blobs', 's3', ...flags] }), environment);
const KEYS = ['--s3-access-key', 'key', '--s3-secret-key', 'hidden'];

test('without the setting there is no bucket, whatever else is set', () => {
  expect(bucketOf(readSettings({ flags: ['--s3-bucket', 'x'] }), {})).toBeNull();
});

test('defaults are those of AWS, and a prefix ends with a slash', () => {
  expect(bucket(['--s3-bucket', 'logs', '--s3-region', 'eu-north-1', ...KEYS])).toMatchObject({
    ...{ endpoint: 'https://s3.eu-north-1.amazonaws.com', bucket: 'logs', prefix: '' },
    ...{ pathStyle: true, accessKey: 'key', secretKey: 'hidden', timeoutMs: 30_000 },
  });
  expect(bucket(['--s3-bucket', 'logs', '--s3-prefix', 'a/b', ...KEYS])?.prefix).toBe('a/b/');
});

test('credentials come from the settings, the environment or a file, and never half from each', async () => {
  const name = ['--s3-bucket', 'logs'];
  const aws = { AWS_ACCESS_KEY_ID: 'other', AWS_SECRET_ACCESS_KEY: 'o', AWS_SESSION_TOKEN: 't' };
  expect(bucket([...name, ...KEYS], aws)).toMatchObject({ accessKey: 'key', sessionToken: '' });
  expect(bucket(name, aws)).toMatchObject({ accessKey: 'other', sessionToken: 't' });
  const file = join(directory, 'credentials');
  await writeFile(
    file,
    '[other]\naws_access_key_id = no\naws_secret_access_key = no\n\n[default]\naws_access_key_id = AKIA\naws_secret_access_key=s/+=\n[more]\naws_session_token = no\n',
  );
  expect(bucket([...name, '--s3-credentials-file', file])).toMatchObject({
    ...{ accessKey: 'AKIA', secretKey: 's/+=', sessionToken: '' },
  });
  await writeFile(file, 'aws_access_key_id=plain\naws_secret_access_key=file\n');
  expect(bucket([...name, '--s3-credentials-file', file])?.accessKey).toBe('plain');
  await writeFile(file, '[default]\naws_access_key_id=half\n');
  expect(() => bucket([...name, '--s3-credentials-file', file])).toThrow('aws_secret_access_key');
});

test.each([
  [[], 's3_bucket is missing'],
  [['--s3-bucket', 'a/b'], 's3_bucket'],
  [['--s3-bucket', 'logs'], 's3_access_key is missing'],
  [['--s3-bucket', 'logs', '--s3-access-key', 'half'], 's3_secret_key is missing'],
  [['--s3-bucket', 'logs', '--s3-secret-key', 'half'], 's3_access_key is missing'],
  [['--s3-bucket', 'logs', '--s3-endpoint', 'storage:9000'], 's3_endpoint'],
  [['--s3-bucket', 'logs', '--s3-endpoint', 'https://a:b@host'], 's3_endpoint must not hold cred'],
  [['--s3-bucket', 'logs', '--s3-endpoint', 'https://host/bucket'], 's3_endpoint must not have'],
  [['--s3-bucket', 'logs', '--s3-prefix', '../x'], 's3_prefix'],
  [['--s3-bucket', 'logs', '--s3-credentials-file', '/nowhere'], 's3_credentials_file cannot be'],
])('what is wrong is named: %j', (flags, message) => {
  expect(() => bucket(flags)).toThrow(message);
});
