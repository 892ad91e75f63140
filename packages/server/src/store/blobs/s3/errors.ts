import { SluiceError } from '../../../errors.ts';
import type { S3Options } from './types.ts';
import { textOf } from './xml.ts';

/** What the storage answered instead of doing it. */
export interface Refusal {
  readonly status: number;
  /** `NoSuchBucket`; empty where the answer has no body. */
  readonly code: string;
  readonly message: string;
  /** The storage's clock, as it said. */
  readonly date: string | null;
}

export function refusalOf(status: number, body: string, date: string | null): Refusal {
  return {
    ...{ status, date },
    code: textOf(body, 'Code') ?? '',
    message: textOf(body, 'Message') ?? body.replaceAll(/\s+/g, ' ').trim().slice(0, 200),
  };
}

/** Worth trying again in a moment. */
export const isPassing = ({ status, code }: Refusal): boolean =>
  status >= 500 || status === 429 || status === 408 || code === 'RequestTimeout';

const place = ({ endpoint, bucket }: S3Options) => `The bucket ${bucket} at ${endpoint}`;

export function away(options: S3Options, error: unknown): SluiceError {
  return new SluiceError(
    'unavailable',
    `${place(options)} does not answer: ${reasonOf(error, options)}.`,
    {
      ...{ reason: 'storage_away', cause: error },
      remedy: 'Builds go on; what they leave waits on this machine until the storage is back.',
    },
  );
}

/** Says which setting is wrong, where the storage lets it be known. Credentials are never part of it. */
export function refused(options: S3Options, refusal: Refusal): SluiceError {
  const { code, status, message } = refusal;
  if (isPassing(refusal)) return away(options, new Error(`${status} ${code} ${message}`.trim()));
  const say = (text: string, remedy: string) =>
    new SluiceError('internal', text, { reason: 'storage_refused', remedy });
  const where = place(options);
  switch (code) {
    case 'InvalidAccessKeyId':
      return say(
        `${where} does not know the access key.`,
        'Correct the setting s3_access_key (or AWS_ACCESS_KEY_ID).',
      );
    case 'SignatureDoesNotMatch':
      return say(
        `${where} refuses the secret key.`,
        'Correct the setting s3_secret_key (or AWS_SECRET_ACCESS_KEY); behind a proxy, let it pass the Host header on.',
      );
    case 'ExpiredToken':
    case 'InvalidToken':
      return say(
        `${where} says that the session token is no longer valid.`,
        'Give Sluice keys that last: s3_access_key and s3_secret_key, without AWS_SESSION_TOKEN.',
      );
    case 'NoSuchBucket':
      return say(
        `${where} does not exist.`,
        'Make it first, or correct the setting s3_bucket; with s3_path_style the other way the same error shows.',
      );
    case 'AuthorizationHeaderMalformed':
    case 'PermanentRedirect':
    case 'IllegalLocationConstraintException':
      return say(
        `${where} is in another region: ${message}`,
        'Correct the setting s3_region (and s3_endpoint).',
      );
    case 'RequestTimeTooSkewed':
      return say(
        `${where} refuses requests because the clocks differ by more than it allows: ${clocks(refusal)}.`,
        'Set the clock of this machine (or of the storage) by NTP.',
      );
    case 'XAmzContentSHA256Mismatch':
    case 'BadDigest':
      return say(`${where} received something else than was sent.`, 'It is sent again.');
    default:
      break;
  }
  if (status === 403) {
    return say(
      `${where} refuses: ${message || code || 'access denied'}`,
      'The access key needs s3:ListBucket on the bucket, and s3:GetObject, s3:PutObject and s3:DeleteObject below the prefix (settings s3_access_key and s3_prefix).',
    );
  }
  return say(
    `${where} answered ${status} ${code}: ${message || 'nothing more'}`,
    'Check the settings s3_endpoint, s3_bucket and s3_path_style.',
  );
}

function clocks({ date }: Refusal): string {
  const here = new Date();
  const there = date === null ? null : new Date(date);
  if (there === null || Number.isNaN(there.getTime())) return `it is ${here.toISOString()} here`;
  return `it is ${here.toISOString()} here and ${there.toISOString()} there`;
}

/** `connect ECONNREFUSED 127.0.0.1:9000`; no more of a URL than its host. */
function reasonOf(error: unknown, { timeoutMs }: S3Options): string {
  if (!(error instanceof Error)) return String(error);
  if (/HeadersTimeout|BodyTimeout|ConnectTimeout/.test(error.name)) {
    return `nothing came for ${timeoutMs / 1_000} seconds`;
  }
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return error.errors[0].message;
  }
  return error.message;
}
