import { EnvSyntaxError, parseEnvString } from '../env/string.ts';
import type { Json } from '../messages.ts';
import { type Entry, isNull, isSecure, type MapNode, type Node, record } from '../yaml/node.ts';
import { type Context, child, type Path, report } from './context.ts';
import { invalid, secureValue, single } from './scalars.ts';

/**
 * The root's `env` as `{global: [rows], jobs: [rows]}` (spec 3.1). Without `global` and `jobs` (or `matrix`,
 * its old name) all of it is `jobs`; other names beside them move there too.
 */
export function rootEnv(node: Node, path: Path, context: Context): Json | undefined {
  if (isNull(node)) return undefined;
  const { global, jobs } = split(node, path, context);
  const found: [string, Json][] = [];
  const globals = global.flatMap((part) => rows(part, child(path, 'global'), context));
  const given = globals.filter((row) => !isEmpty(row));
  if (given.length > 0) found.push(['global', given]);
  const matrix = jobs.flatMap((part) => rows(part, child(path, 'jobs'), context));
  if (matrix.length > 0) found.push(['jobs', matrix]);
  return found.length > 0 ? record(found) : undefined;
}

/** A job's `env`: one list of rows, `global`/`jobs` wrappers flattened (spec 3.1). */
export function jobEnv(node: Node, path: Path, context: Context): Json | undefined {
  if (isNull(node)) return undefined;
  const { global, jobs } = split(node, path, context);
  const found = [...global, ...jobs].flatMap((part) => rows(part, path, context));
  const given = found.filter((row) => !isEmpty(row));
  return given.length > 0 ? given : undefined;
}

function split(node: Node, path: Path, context: Context): { global: Node[]; jobs: Node[] } {
  if (node.kind === 'seq' && node.items.some(isListedWrapper))
    return splitItems(node.items, path, context);
  if (node.kind !== 'map' || !isWrapper(node)) return { global: [], jobs: [node] };
  const global: Node[] = [];
  const jobs: Node[] = [];
  const others: Entry[] = [];
  const hasMatrix = node.entries.some(({ key }) => key === 'matrix');
  for (const entry of node.entries) {
    if (entry.key === 'global') {
      global.push(entry.value);
    } else if (entry.key === 'matrix') {
      report(context, 'alias_key', path, entry.at, { alias: 'matrix', key: 'jobs' });
      jobs.push(entry.value);
    } else if (entry.key === 'jobs') {
      if (!hasMatrix) jobs.push(entry.value);
      else report(context, 'overwrite', path, entry.at, { key: 'matrix', other: 'jobs' });
    } else {
      others.push(entry);
    }
  }
  if (others.length > 0) jobs.unshift({ ...node, entries: others });
  return { global, jobs };
}

/** A list in which some entries are `{global: ...}` or `{jobs: ...}`: a slip met in practice. */
function splitItems(items: Node[], path: Path, context: Context): { global: Node[]; jobs: Node[] } {
  const parts = items.map((entry) =>
    isListedWrapper(entry) ? split(entry, path, context) : { global: [], jobs: [entry] },
  );
  return {
    global: parts.flatMap((part) => part.global),
    jobs: parts.flatMap((part) => part.jobs),
  };
}

/** In a list only what holds more than one value: `- jobs: x` is a variable of that name. */
function isListedWrapper(node: Node): boolean {
  if (node.kind !== 'map' || !isWrapper(node)) return false;
  return node.entries.some(
    ({ value }) => value.kind === 'seq' || (value.kind === 'map' && !isSecure(value)),
  );
}

function isWrapper(node: Node): boolean {
  if (node.kind !== 'map') return false;
  return node.entries.some(({ key }) => key === 'global' || key === 'jobs' || key === 'matrix');
}

type Row = { [name: string]: Json };

/** One row for each entry; an empty entry is an empty row, which counts in the matrix. */
function rows(node: Node, path: Path, context: Context): Row[] {
  if (node.kind === 'seq') return node.items.flatMap((entry) => rowsOfItem(entry, path, context));
  if (isNull(node)) return [];
  return rowsOfItem(node, path, context);
}

function rowsOfItem(node: Node, path: Path, context: Context): Row[] {
  if (node.kind === 'seq') return node.items.flatMap((entry) => rowsOfItem(entry, path, context));
  if (isSecure(node)) return [secureValue(node)];
  if (node.kind === 'map') return [mapRow(node, path, context)];
  if (node.value === null) return [{}];
  if (typeof node.value === 'string') return [stringRow(node.value, path, node, context)];
  invalid('map', node, path, context);
  return [];
}

function stringRow(text: string, path: Path, node: Node, context: Context): Row {
  try {
    const assignments = parseEnvString(text);
    if (assignments.length > 0 || text.trim() === '') {
      return record(assignments.map(({ name, value }) => [name, value]));
    }
  } catch (error) {
    if (!(error instanceof EnvSyntaxError)) throw error;
  }
  report(context, 'invalid_env_var', path, node.at, { var: text });
  return {};
}

function mapRow(map: MapNode, path: Path, context: Context): Row {
  const found: [string, Json][] = [];
  for (const { key, value: given } of map.entries) {
    const at = child(path, key);
    const value = single(given, at, context);
    if (!value || isNull(value)) found.push([key, '']);
    else if (isSecure(value)) found.push([key, secureValue(value)]);
    else if (value.kind === 'scalar') found.push([key, value.text]);
    else invalid('str', value, at, context);
  }
  return record(found);
}

function isEmpty(row: Row): boolean {
  return Object.keys(row).length === 0;
}
