import type { Json } from '../messages.ts';
import {
  any,
  bool,
  custom,
  map,
  maybeSecure,
  oneOf,
  type Schema,
  seq,
  str,
} from '../schema/kinds.ts';
import { matrixKeys } from '../schema/languages.ts';
import { providers } from '../schema/providers.ts';
import { isNull, isSecure, lookup, type MapNode, type Node } from '../yaml/node.ts';
import { type Context, child, item, type Normalise, type Path, report } from './context.ts';
import { nearest } from './match.ts';
import { invalid, single } from './scalars.ts';

/** Options that hold a secret; plain text there raises an alert (spec 1.4). */
const secrets =
  /^(?:.*_)?(?:api_?key|password|pass|token|secret|secret_access_key|private_key|passphrase|oauth_token)$/;

const options = map(
  {
    provider: str,
    on: custom('deployOn'),
    allow_failure: bool,
    edge: any,
    cleanup: bool,
    skip_cleanup: bool,
    run: oneOf(map({}, { open: any }), seq(str)),
    script: oneOf(maybeSecure, map({}, { open: any })),
  },
  { open: any, aliases: { true: 'on', if: 'on' }, deprecated: ['skip_cleanup'] },
);

/** `deploy` as a list of provider maps (spec 7); entries of unknown providers are dropped. */
export function deploy(
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
): Json | undefined {
  if (isNull(node)) return undefined;
  if (node.kind === 'scalar' && node.value === false) return undefined;
  const nodes = node.kind === 'seq' ? node.items : [node];
  const found: Json[] = [];
  for (const entry of nodes) {
    const value = provider(entry, item(path, found.length), context, normalise);
    if (value !== undefined) found.push(value);
  }
  return found.length > 0 ? found : undefined;
}

function provider(
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
): Json | undefined {
  if (isNull(node)) return undefined;
  if (node.kind === 'seq' || (node.kind === 'scalar' && typeof node.value !== 'string')) {
    return invalid('map', node, path, context);
  }
  const given = node.kind === 'map' ? node : named(node);
  const name = providerName(given, path, context);
  if (name === undefined) return undefined;
  warnAboutSecrets(given, path, context);
  const value = normalise(options, given, path, context);
  const rest = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  return { ...rest, provider: name };
}

function named(node: Node): MapNode {
  const { at, size } = node;
  return {
    kind: 'map',
    at,
    size,
    anchored: false,
    entries: [{ key: 'provider', at, value: node }],
  };
}

/** The canonical name: lower case without `-`, `_` and blanks (spec 7.4). */
function providerName(map: MapNode, path: Path, context: Context): string | undefined {
  const given = lookup(map, 'provider');
  if (!given || isNull(given)) {
    report(context, 'required', path, map.at, { key: 'provider' });
    return undefined;
  }
  const at = child(path, 'provider');
  const node = single(given, at, context);
  if (node?.kind !== 'scalar') return invalid('str', given, at, context);
  const name = node.text.toLowerCase().replace(/[-_\s]/g, '');
  if (providers.includes(name)) return name;
  const near = nearest(name, providers);
  if (near !== undefined) {
    report(context, 'find_value', at, node.at, { original: node.text, value: near });
    return near;
  }
  report(context, 'unknown_value', at, node.at, { value: node.text });
  return undefined;
}

function warnAboutSecrets(map: MapNode, path: Path, context: Context): void {
  for (const { key, value } of map.entries) {
    if (!secrets.test(key) || isSecure(value)) continue;
    if (value.kind !== 'scalar' || value.value === null || value.text.startsWith('$')) continue;
    report(context, 'secure', child(path, key), value.at, { type: 'str' });
  }
}

const runtimes: { [key: string]: Schema } = { node: str };
for (const key of matrixKeys) runtimes[key] = str;

const on = map(
  {
    repo: str,
    branch: seq(str),
    all_branches: bool,
    tags: bool,
    condition: seq(str),
    ...runtimes,
  },
  { prefix: 'branch', aliases: { branches: 'branch', tag: 'tags', ruby: 'rvm' } },
);

/** `deploy.on` (spec 7.2). A map under `branch` (an old style) stands for its keys. */
export function deployOn(
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
): Json | undefined {
  if (node.kind !== 'map') return normalise(on, node, path, context);
  const entries = node.entries.map((entry) => {
    if (entry.key !== 'branch' || entry.value.kind !== 'map') return entry;
    const items = entry.value.entries.map(
      ({ key, at }): Node => ({
        kind: 'scalar',
        value: key,
        text: key,
        at,
        anchored: false,
        size: 1,
      }),
    );
    return { ...entry, value: { ...entry.value, kind: 'seq' as const, items } };
  });
  return normalise(on, { ...node, entries }, path, context);
}
