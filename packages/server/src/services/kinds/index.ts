import type { KindName, ServiceKind } from '../types.ts';
import { postgresql } from './postgresql.ts';
import { redis } from './redis.ts';
import { storage } from './storage.ts';

/** Everything that can be attached, in the order in which people are shown it. */
export const KINDS: readonly ServiceKind[] = [postgresql, redis, storage];

const byName: Readonly<Record<KindName, ServiceKind>> = { postgresql, redis, storage };

export const kindOf = (name: KindName): ServiceKind => byName[name];
