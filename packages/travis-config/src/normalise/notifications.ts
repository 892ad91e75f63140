import type { Json } from '../messages.ts';
import {
  any,
  bool,
  condition,
  custom,
  enumeration,
  type MapSchema,
  map,
  maybeSecure,
  type Schema,
  seq,
} from '../schema/kinds.ts';
import { isNull, isSecure, type MapNode, type Node, record } from '../yaml/node.ts';
import { type Context, child, type Normalise, type Path } from './context.ts';
import { knownEntries } from './keys.ts';
import { invalid, truth } from './scalars.ts';

const frequency = enumeration(
  ['always', 'never', 'change'],
  { true: 'always', false: 'never', changed: 'change', changes: 'change' },
  'drop',
);

/** When a notification is sent; allowed in each entry and, inherited, beside them. */
const callbacks: { readonly [key: string]: Schema } = {
  on_success: frequency,
  on_failure: frequency,
  on_start: frequency,
  on_cancel: frequency,
  on_error: frequency,
};

const aliases = {
  on_fail: 'on_failure',
  on_failed: 'on_failure',
  on_canceled: 'on_cancel',
  on_cancelled: 'on_cancel',
} as const;

function kind(prefix: string, keys: { [key: string]: Schema }): MapSchema {
  const common = { enabled: bool, disabled: bool, if: condition, on_pull_requests: bool };
  const template = { template: custom('template') };
  return map(
    { ...common, ...callbacks, ...template, ...keys },
    { prefix, toggle: 'enabled', aliases, open: any },
  );
}

const kinds: { readonly [kind: string]: MapSchema } = {
  email: kind('recipients', { recipients: seq(maybeSecure) }),
  slack: kind('rooms', { rooms: seq(maybeSecure) }),
  webhooks: kind('urls', { urls: seq(maybeSecure) }),
  irc: kind('channels', { channels: seq(maybeSecure) }),
  campfire: kind('rooms', { rooms: seq(maybeSecure) }),
  flowdock: kind('api_token', { api_token: maybeSecure }),
  hipchat: kind('rooms', { rooms: seq(maybeSecure) }),
  pushover: kind('users', { users: seq(maybeSecure), api_key: seq(maybeSecure) }),
};

const frame = map(
  {
    ...Object.fromEntries(Object.keys(kinds).map((name) => [name, any])),
    ...callbacks,
    recipients: any,
  },
  { aliases: { ...aliases, webhook: 'webhooks', emails: 'email' } },
);

/**
 * `notifications` as `{email: [entries], slack: [entries], ...}` (spec 9), callbacks of the top level
 * inherited by every entry. `notifications: false` turns email off.
 */
export function notifications(
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
): Json | undefined {
  if (isNull(node)) return undefined;
  const truthful = truth(node);
  if (truthful !== undefined) return { email: [{ enabled: truthful }] };
  const given = asMap(node);
  if (!given) return invalid('map', node, path, context);
  const entries = knownEntries(frame, given, path, context);
  const recipients = entries.get('recipients');
  if (recipients && !entries.has('email')) entries.set('email', recipients);
  const inherited = new Map<string, Json>();
  for (const [key, entry] of entries) {
    const schema = callbacks[key];
    const value = schema && normalise(schema, entry.value, child(path, key), context);
    if (value !== undefined) inherited.set(key, value);
  }
  const found: [string, Json][] = [];
  for (const [name, entry] of entries) {
    const schema = kinds[name];
    if (!schema || isNull(entry.value)) continue;
    const list = entriesOf(schema, entry.value, child(path, name), context, normalise);
    if (list.length > 0) found.push([name, list.map((one) => ({ ...record(inherited), ...one }))]);
  }
  return found.length > 0 ? record(found) : undefined;
}

function asMap(node: Node): MapNode | undefined {
  if (node.kind === 'map') return node;
  if (node.kind !== 'seq') return undefined;
  const entries = node.items.flatMap((entry) => (entry.kind === 'map' ? entry.entries : []));
  return entries.length > 0 ? { ...node, kind: 'map', entries } : undefined;
}

/** A list of maps is a list of entries; anything else is one entry. */
function entriesOf(
  schema: MapSchema,
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
): { [key: string]: Json | undefined }[] {
  const isList =
    node.kind === 'seq' && node.items.some((entry) => entry.kind === 'map' && !isSecure(entry));
  const nodes = isList && node.kind === 'seq' ? node.items : [node];
  return nodes.flatMap((entry) => {
    const value = normalise(schema, entry, path, context);
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap ? [withEnabled(value)] : [];
  });
}

/** `disabled: true` is another way to say `enabled: false`. */
function withEnabled({ disabled, ...rest }: { [key: string]: Json | undefined }) {
  return typeof disabled === 'boolean' ? { enabled: !disabled, ...rest } : rest;
}
