import type { MapSchema } from '../schema/kinds.ts';
import type { Entry, MapNode } from '../yaml/node.ts';
import { type Context, type Path, report } from './context.ts';
import { nearest } from './match.ts';
import { brief } from './scalars.ts';

/** How a written key became a known one. */
interface Repair {
  key: string;
  code: 'strip_key' | 'underscore_key' | 'clean_key' | 'find_key' | null;
}

/** Names of template holders: kept out of everything, never remarked on (spec 1.3). */
export function isPrivate(key: string): boolean {
  return key.startsWith('_') || key.startsWith('.');
}

/**
 * The entries of a map under their known names: aliases resolved, spelling repaired, with messages about it
 * (spec 1.5). Unknown and private keys are left out. Where an alias and the key it stands for are both
 * given, the alias wins (spec 2, `jobs`).
 */
export function knownEntries(
  schema: MapSchema,
  map: MapNode,
  path: Path,
  context: Context,
): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const fromAlias = new Set<string>();
  const given = new Set(map.entries.map((entry) => entry.key));
  for (const entry of map.entries) {
    const key = resolve(schema, entry, given, path, context);
    if (key === undefined) {
      if (!isPrivate(entry.key)) unknown(schema, entry, path, context);
      continue;
    }
    const isAlias = entry.key !== key;
    if (found.has(key)) {
      const other = isAlias ? key : (found.get(key)?.key ?? key);
      const winner = isAlias ? entry.key : other;
      const loser = isAlias ? other : entry.key;
      report(context, 'overwrite', path, entry.at, { key: winner, other: loser });
    }
    if (fromAlias.has(key) && !isAlias) continue;
    if (isAlias) fromAlias.add(key);
    found.set(key, entry);
  }
  return found;
}

function resolve(
  schema: MapSchema,
  entry: Entry,
  given: Set<string>,
  path: Path,
  context: Context,
): string | undefined {
  const { key: original } = entry;
  if (Object.hasOwn(schema.keys, original)) return original;
  const repair = repaired(schema, entry);
  if (!repair) return undefined;
  const key = aliased(schema, repair.key);
  // A guess must not push out what was spelled correctly.
  if (repair.code === 'find_key' && given.has(key)) return undefined;
  if (repair.code) {
    report(context, repair.code, path, entry.at, { original, key: repair.key });
  }
  if (key !== repair.key) {
    report(context, 'alias_key', path, entry.at, { alias: repair.key, key });
  }
  return key;
}

function repaired(schema: MapSchema, { key: original, value }: Entry): Repair | undefined {
  const isKnown = (key: string) => Object.hasOwn(schema.keys, key) || isAlias(schema, key);
  if (isKnown(original)) return { key: original, code: null };
  if (isPrivate(original)) return undefined;
  const stripped = original.trim();
  if (isKnown(stripped)) return { key: stripped, code: 'strip_key' };
  const underscored = underscore(stripped);
  if (isKnown(underscored)) return { key: underscored, code: 'underscore_key' };
  const cleaned = clean(original);
  if (isKnown(cleaned)) return { key: cleaned, code: 'clean_key' };
  // A value with an anchor is a template: `install_linux` is not a typo of `install` then.
  if (schema.open || value.anchored) return undefined;
  const candidates = [...Object.keys(schema.keys), ...Object.keys(schema.aliases ?? {})];
  const near = nearest(underscored, candidates);
  return near === undefined ? undefined : { key: near, code: 'find_key' };
}

function isAlias(schema: MapSchema, key: string): boolean {
  return schema.aliases !== undefined && Object.hasOwn(schema.aliases, key);
}

function aliased(schema: MapSchema, key: string): string {
  return isAlias(schema, key) ? (schema.aliases?.[key] ?? key) : key;
}

/** `Before-Install` and `beforeInstall` are `before_install`. */
function underscore(key: string): string {
  return key
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

function clean(key: string): string {
  return key
    .trim()
    .toLowerCase()
    .replace(/[- ]/g, '_')
    .replace(/\W/g, '')
    .replace(/^_+|_+$/g, '')
    .replace(/__+/g, '_');
}

function unknown(schema: MapSchema, entry: Entry, path: Path, context: Context): void {
  if (schema.open) return;
  const { key } = entry;
  if (key.startsWith('x-')) return;
  if (entry.value.anchored) {
    report(context, 'deprecated_key', path, entry.at, { key, info: 'anchor on a non-private key' });
  } else {
    report(context, 'unknown_key', path, entry.at, { key, value: brief(entry.value) });
  }
}
