import type { EnvVar } from '@sluice/contract';
import { exportsOf, isSecureRow, type JobConfig } from '@sluice/travis-config';

/** A configuration as it can run where nobody has the repository's private key. */
export interface WithoutSecrets {
  readonly config: Record<string, unknown>;
  readonly vars: readonly EnvVar[];
  /** What is missing, for the top of the log. */
  readonly notices: readonly string[];
}

/**
 * Takes the encrypted values out of a job, as the service does with those that it cannot decrypt
 * (spec/travis.md 14.3), and its variables apart.
 */
export function withoutSecrets(job: JobConfig): WithoutSecrets {
  const { env, ...rest } = job;
  const notices: string[] = [];
  const vars: EnvVar[] = [];
  const names: string[] = [];
  for (const row of env ?? []) {
    if (isSecureRow(row)) names.push('one whose name is encrypted too');
    for (const { name, value } of exportsOf(row)) {
      if (typeof value === 'string') vars.push({ text: `${name}=${value}`, secret: false });
      else names.push(name);
    }
  }
  if (names.length > 0) {
    notices.push(
      `Encrypted variables cannot be decrypted here and are left out: ${names.join(', ')}. Give them with --env-file or --env.`,
    );
  }
  const dropped: string[] = [];
  const config = strip(rest, '', dropped) as Record<string, unknown>;
  for (const key of dropped) {
    notices.push(`The encrypted value of ${key} cannot be decrypted here and is left out.`);
  }
  return { config, vars, notices };
}

function strip(value: unknown, path: string, dropped: string[]): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item, index) => [item, `${path}.${index}`] as const)
      .filter(([item, place]) => keep(item, place, dropped))
      .map(([item, place]) => strip(item, place, dropped));
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .map(([key, item]) => [key, item, path === '' ? key : `${path}.${key}`] as const)
    .filter(([, item, place]) => keep(item, place, dropped))
    .map(([key, item, place]) => [key, strip(item, place, dropped)] as const);
  return Object.fromEntries(entries);
}

function keep(value: unknown, place: string, dropped: string[]): boolean {
  if (!isSecure(value)) return true;
  dropped.push(place);
  return false;
}

function isSecure(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === 'secure';
}
