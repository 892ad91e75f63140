import { type Json, Messages } from '../messages.ts';
import type { MapSchema, Schema, SeqSchema } from '../schema/kinds.ts';
import {
  type Entry,
  isNull,
  isSecure,
  type MapNode,
  type Node,
  record,
  toJson,
} from '../yaml/node.ts';
import { type Context, child, item, type Path, report, rootPath } from './context.ts';
import { customs } from './custom.ts';
import { isPrivate, knownEntries } from './keys.ts';
import { boolean, invalid, number, single, text, truth } from './scalars.ts';

/**
 * The node's value in the shape the schema asks for (spec 1.5, 2), with messages about everything that had
 * to be bent. Undefined when nothing usable is left: absent, null and empty are all the same.
 */
export function normalise(
  schema: Schema,
  node: Node,
  path: Path,
  context: Context,
): Json | undefined {
  context.positions.set(path.exact, node.at);
  switch (schema.kind) {
    case 'str':
      return text(schema, node, path, context);
    case 'bool':
      return boolean(node, path, context);
    case 'num':
      return number(node, path, context);
    case 'any':
      return isNull(node) ? undefined : toJson(node);
    case 'oneOf':
      return oneOf(schema.schemas, node, path, context);
    case 'seq':
      return list(schema, node, path, context);
    case 'map':
      return mapping(schema, node, path, context);
    case 'custom':
      return customs[schema.name](node, path, context, normalise);
  }
}

/** The first alternative that fits the node's kind; the last one if none does, for its message. */
function oneOf(
  schemas: readonly Schema[],
  node: Node,
  path: Path,
  context: Context,
): Json | undefined {
  const takesLists = schemas.some((schema) => fits(schema, node));
  const given = takesLists ? node : single(node, path, context);
  if (!given) return undefined;
  const fitting = schemas.find((schema) => fits(schema, given)) ?? schemas.at(-1);
  return fitting && normalise(fitting, given, path, context);
}

function fits(schema: Schema, node: Node): boolean {
  if (schema.kind === 'bool') return truth(node) !== undefined;
  if (schema.kind === 'str') return node.kind === 'scalar' || isSecure(node);
  return schema.kind === node.kind;
}

/** One value is wrapped, nested lists (from aliases) are flattened. */
function list(schema: SeqSchema, node: Node, path: Path, context: Context): Json[] | undefined {
  if (isNull(node)) return undefined;
  const items = flat(node);
  const values: Json[] = [];
  for (const entry of items) {
    const isBlank = entry.kind === 'map' && entry.entries.length === 0;
    if (isBlank && schema.keepEmpty) {
      values.push({});
      continue;
    }
    const value = normalise(schema.of, entry, item(path, values.length), context);
    if (value !== undefined) values.push(value);
    else if (entry.kind === 'map' && schema.keepEmpty === 'always') values.push({});
  }
  if (values.length > 0) return values;
  if (items.length === 0) report(context, 'empty', path, node.at);
  return undefined;
}

function hasUnknown(schema: MapSchema, map: MapNode): boolean {
  const silent: Context = { messages: new Messages(), positions: new Map() };
  const known = knownEntries(schema, map, rootPath, silent);
  const used = new Set(known.values());
  return map.entries.some((entry) => !used.has(entry) && !isPrivate(entry.key));
}

function flat(node: Node): Node[] {
  return node.kind === 'seq' ? node.items.flatMap(flat) : [node];
}

function mapping(schema: MapSchema, node: Node, path: Path, context: Context): Json | undefined {
  if (isNull(node)) return undefined;
  const map = asMap(schema, node, path, context);
  if (!map) return undefined;
  const values: [string, Json][] = [];
  for (const [key, entry] of knownEntries(schema, map, path, context)) {
    const value = field(schema, key, entry, path, context);
    if (value !== undefined) values.push([key, value]);
  }
  if (schema.open) values.push(...openFields(schema, schema.open, map, path, context));
  if (schema.strict && hasUnknown(schema, map)) return undefined;
  const result = record(values);
  // What is left must not read as an encrypted value where a map was wanted.
  if (values.length === 1 && Object.hasOwn(result, 'secure'))
    return invalid('map', node, path, context);
  for (const key of schema.required ?? []) {
    if (Object.hasOwn(result, key)) continue;
    report(context, 'required', path, node.at, { key });
    return undefined;
  }
  if (values.length > 0) return result;
  if (map.entries.every((entry) => isPrivate(entry.key))) report(context, 'empty', path, node.at);
  return undefined;
}

function field(
  schema: MapSchema,
  key: string,
  entry: Entry,
  path: Path,
  context: Context,
): Json | undefined {
  const at = child(path, key);
  if (schema.deprecated?.includes(key)) {
    report(context, 'deprecated_key', path, entry.at, { key });
  }
  const expected = schema.keys[key];
  return expected && normalise(expected, entry.value, at, context);
}

function openFields(
  schema: MapSchema,
  open: Schema,
  map: MapNode,
  path: Path,
  context: Context,
): [string, Json][] {
  const isKnown = (key: string) =>
    Object.hasOwn(schema.keys, key) || Object.hasOwn(schema.aliases ?? {}, key);
  return map.entries
    .filter(({ key }) => !isKnown(key) && !isPrivate(key))
    .flatMap(({ key, value }) => {
      const normal = normalise(open, value, child(path, key), context);
      return normal === undefined ? [] : [[key, normal] as [string, Json]];
    });
}

/** The map meant by a node that is not one, or whose keys belong one level down (spec 1.5). */
function asMap(schema: MapSchema, node: Node, path: Path, context: Context): MapNode | undefined {
  const { prefix, toggle } = schema;
  if (node.kind === 'map' && !isSecure(node)) return prefixed(schema, node);
  if (toggle !== undefined && truth(node) !== undefined) return wrap(toggle, node);
  const wanted = prefix === undefined ? undefined : schema.keys[prefix];
  const merged = node.kind === 'seq' && node.items.length > 0 ? mergedItems(node.items) : undefined;
  const takesMaps = wanted?.kind === 'seq' && wanted.of.kind !== 'str';
  if (merged && !takesMaps) return { ...node, kind: 'map', entries: merged };
  if (prefix !== undefined && wanted && accepts(wanted, node)) return wrap(prefix, node);
  return invalid('map', node, path, context);
}

function accepts(schema: Schema, node: Node): boolean {
  if (isSecure(node) && schema.kind === 'str') return schema.secure !== undefined;
  if (schema.kind !== 'seq') return node.kind === 'scalar' && typeof node.value !== 'boolean';
  if (schema.of.kind !== 'map') return typeof (node as { value?: unknown }).value !== 'boolean';
  return node.kind === 'seq' && node.items.every((entry) => entry.kind === 'map');
}

/** A map none of whose keys is known stands for the prefix key's value: `jobs: {rvm: 2.3}`. */
function prefixed(schema: MapSchema, node: MapNode): MapNode {
  const { prefix } = schema;
  const inner = prefix === undefined ? undefined : schema.keys[prefix];
  if (prefix === undefined || inner?.kind !== 'seq' || inner.of.kind !== 'map') return node;
  const { keys } = inner.of;
  const isMine = (key: string) =>
    Object.hasOwn(schema.keys, key) || Object.hasOwn(schema.aliases ?? {}, key);
  const { entries } = node;
  if (entries.some(({ key }) => isMine(key))) return node;
  return entries.some(({ key }) => Object.hasOwn(keys, key)) ? wrap(prefix, node) : node;
}

function wrap(key: string, value: Node): MapNode {
  const { at, size } = value;
  return { kind: 'map', at, size: size + 1, anchored: false, entries: [{ key, at, value }] };
}

/** `[{a: 1}, {b: 2}]` where a map is wanted, a common slip, is `{a: 1, b: 2}`. */
function mergedItems(items: Node[]): Entry[] | undefined {
  const entries = new Map<string, Entry>();
  for (const entry of items) {
    if (entry.kind !== 'map' || isSecure(entry)) return undefined;
    for (const inner of entry.entries) entries.set(inner.key, inner);
  }
  return [...entries.values()];
}
