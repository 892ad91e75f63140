import type { EnvVar } from '@sluice/contract';
import { parseEnvString, shellValue } from '@sluice/travis-config';
import type { Decrypt } from './decrypt.ts';
import { isSecure } from './redact.ts';

export interface JobEnv {
  readonly vars: readonly EnvVar[];
  /** Plain texts of encrypted rows, for masking. */
  readonly secrets: readonly string[];
  /** Why a row is missing: lines for the top of the log. */
  readonly notices: readonly string[];
}

/**
 * The variables of a job's `env` rows in the order of their export (spec/travis.md 3, 14.2). A row that is one
 * encrypted blob may hold several assignments; all its names are secret.
 */
export async function openEnv(rows: readonly unknown[], decrypt: Decrypt): Promise<JobEnv> {
  const vars: EnvVar[] = [];
  const secrets: string[] = [];
  const notices: string[] = [];

  const open = async (base64: string): Promise<string | null> => {
    const plain = await decrypt(base64);
    if (plain === null) {
      notices.push(
        'An encrypted variable could not be decrypted and is left out. Encrypt it again for this repository.',
      );
    } else {
      secrets.push(plain);
    }
    return plain;
  };

  for (const row of rows) {
    if (isSecure(row)) {
      const plain = await open(row.secure);
      if (plain === null) continue;
      const assignments = assignmentsOf(plain);
      if (assignments.length === 0) {
        notices.push('An encrypted variable is not of the form NAME=value and is left out.');
      }
      for (const text of assignments) vars.push({ text, secret: true });
      continue;
    }
    if (typeof row !== 'object' || row === null) continue;
    for (const [name, value] of Object.entries(row)) {
      if (!isSecure(value)) {
        vars.push({ text: `${name}=${shellValue(String(value))}`, secret: false });
        continue;
      }
      const plain = await open(value.secure);
      if (plain !== null) vars.push({ text: `${name}=${plain}`, secret: true });
    }
  }
  return { vars, secrets, notices };
}

function assignmentsOf(text: string): string[] {
  try {
    return parseEnvString(text).map(({ name, value }) => `${name}=${value}`);
  } catch {
    // A quote that is never closed; the text itself must not get into a message.
    return [];
  }
}
