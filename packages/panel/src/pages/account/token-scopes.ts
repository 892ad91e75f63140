import type { Action, Scope } from '@sluice/contract';
import { accountText } from '../../text/account.ts';

export const PRESETS = ['everything', 'read', 'deploy', 'push', 'chosen'] as const;
export type Preset = (typeof PRESETS)[number];

const READ: readonly Action[] = ['application:read', 'repository:read', 'build:read'];
const ACTIONS_OF: Readonly<Record<'read' | 'deploy' | 'push', readonly Action[]>> = {
  read: READ,
  deploy: [...READ, 'application:deploy'],
  push: [...READ, 'repository:push'],
};

/** Actions that make sense in a token; to read is part of the others. */
export const CHOOSABLE: readonly Action[] = [
  'application:read',
  'application:deploy',
  'application:write',
  'application:create',
  'application:delete',
  'repository:read',
  'repository:push',
  'repository:force-push',
  'build:read',
  'build:write',
  'organisation:admin',
  'token:manage',
];

/** Null: no limit. */
export function toScopes(
  preset: Preset,
  chosen: readonly string[],
  applications: readonly string[] | null,
): Scope[] | null {
  if (preset === 'everything') return null;
  const actions =
    preset === 'chosen'
      ? CHOOSABLE.filter((action) => chosen.includes(action))
      : [...ACTIONS_OF[preset]];
  return [{ actions, ...(applications === null ? {} : { applications: [...applications] }) }];
}

export const EXPIRIES = [
  ['30', accountText.days30],
  ['90', accountText.days90],
  ['365', accountText.days365],
  ['', accountText.expiresNever],
] as const;

/** ISO 8601, or null for never. */
export const expiryTime = (days: string, now: Date): string | null =>
  days === '' ? null : new Date(now.getTime() + Number(days) * 86_400_000).toISOString();
