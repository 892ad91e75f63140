import { readFileSync } from 'node:fs';
import { SluiceError } from './errors.ts';
import type { Settings } from './settings/index.ts';
import type { S3Options } from './store/index.ts';

/** What the settings say of the bucket; null: blobs are kept in the data directory. Throws `invalid` that names the setting. */
export function bucketOf(settings: Settings, environment: NodeJS.ProcessEnv): S3Options | null {
  return settings.blobs === 's3' ? bucketSettings(settings, environment) : null;
}

/** The same whatever `blobs` is, for moving from the one to the other. */
export function bucketSettings(settings: Settings, environment: NodeJS.ProcessEnv): S3Options {
  const { s3Bucket: bucket, s3Region: region, s3PathStyle: pathStyle, s3Prefix } = settings;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}$/.test(bucket)) {
    throw wrong(
      's3_bucket',
      bucket === '' ? 'is missing: name the bucket' : 'is no name of a bucket',
    );
  }
  const prefix = s3Prefix === '' || s3Prefix.endsWith('/') ? s3Prefix : `${s3Prefix}/`;
  if (!/^([A-Za-z0-9._-]+\/)*$/.test(prefix) || prefix.includes('..')) {
    throw wrong(
      's3_prefix',
      'may hold letters, digits, ".", "_", "-" and "/", and not begin with "/"',
    );
  }
  return {
    ...{ bucket, region, prefix, pathStyle, endpoint: endpointOf(settings) },
    ...credentialsOf(settings, environment),
    timeoutMs: settings.s3TimeoutSeconds * 1_000,
  };
}

function endpointOf({ s3Endpoint, s3Region }: Settings): string {
  if (s3Endpoint === '') return `https://s3.${s3Region}.amazonaws.com`;
  const url = URL.canParse(s3Endpoint) ? new URL(s3Endpoint) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw wrong('s3_endpoint', 'is no address; it looks like https://s3.example.com');
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong(
      's3_endpoint',
      'must not hold credentials; they belong into s3_access_key and s3_secret_key',
    );
  }
  if (url.pathname !== '/' || url.search !== '') {
    throw wrong('s3_endpoint', 'must not have a path; the bucket belongs into s3_bucket');
  }
  return url.origin;
}

/** The settings first, then the environment, then the file; never a half of each. */
function credentialsOf(
  { s3AccessKey, s3SecretKey, s3CredentialsFile }: Settings,
  environment: NodeJS.ProcessEnv,
): Pick<S3Options, 'accessKey' | 'secretKey' | 'sessionToken'> {
  if (s3AccessKey !== '' || s3SecretKey !== '') {
    if (s3SecretKey === '')
      throw wrong('s3_secret_key', 'is missing, although s3_access_key is set');
    if (s3AccessKey === '')
      throw wrong('s3_access_key', 'is missing, although s3_secret_key is set');
    return { accessKey: s3AccessKey, secretKey: s3SecretKey, sessionToken: '' };
  }
  const { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey } = environment;
  if (accessKey && secretKey) {
    return { accessKey, secretKey, sessionToken: environment['AWS_SESSION_TOKEN'] ?? '' };
  }
  if (s3CredentialsFile !== '') return credentialsIn(s3CredentialsFile);
  throw wrong(
    's3_access_key',
    'is missing: set it and s3_secret_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or s3_credentials_file',
  );
}

function credentialsIn(path: string) {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw wrong(
      's3_credentials_file',
      `cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  // The section [default], or what stands before any section.
  const section = /^\s*\[default\]\s*$([\s\S]*?)(?=^\s*\[|(?![\s\S]))/m.exec(text)?.[1];
  const lines = section ?? text.split(/^\s*\[/m)[0] ?? '';
  const value = (name: string) =>
    new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)\\s*$`, 'm').exec(lines)?.[1] ?? '';
  const accessKey = value('aws_access_key_id');
  const secretKey = value('aws_secret_access_key');
  if (accessKey === '' || secretKey === '') {
    throw wrong(
      's3_credentials_file',
      `${path} lacks aws_access_key_id or aws_secret_access_key in [default]`,
    );
  }
  return { accessKey, secretKey, sessionToken: value('aws_session_token') };
}

const wrong = (setting: string, what: string) =>
  new SluiceError('invalid', `The setting ${setting} ${what}.`, { reason: 'settings' });
