import type { Json, Position } from '../messages.ts';

/**
 * The document as read: anchors, aliases, merge keys and tags are already resolved, every value still
 * knows where it stands. Aliased nodes are shared, not copied, so the tree is a graph without cycles.
 */
export type Node = ScalarNode | SeqNode | MapNode;

interface NodeBase {
  at: Position;
  /** True when the value carries an anchor (`&name`): a sign that it serves as a template (spec 1.3). */
  anchored: boolean;
  /** How many values the node expands to, itself included; capped at the limit. */
  size: number;
}

export interface ScalarNode extends NodeBase {
  kind: 'scalar';
  /** Integers, booleans and null are typed; everything else (floats, dates, yes/no) is its source text. */
  value: string | number | boolean | null;
  /** The text as written, without quotes: what the value is when a string is wanted. */
  text: string;
}

export interface SeqNode extends NodeBase {
  kind: 'seq';
  items: Node[];
}

export interface MapNode extends NodeBase {
  kind: 'map';
  entries: Entry[];
}

export interface Entry {
  key: string;
  at: Position;
  value: Node;
}

/** The entry's value under `key`, or undefined. */
export function lookup(map: MapNode, key: string): Node | undefined {
  return map.entries.find((entry) => entry.key === key)?.value;
}

export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && node.value === null;
}

/** A `{secure: "<base64>"}` map, the one map that may stand where a string is wanted (spec 14.3). */
export function isSecure(node: Node): boolean {
  const [first] = node.kind === 'map' ? node.entries : [];
  if (node.kind !== 'map' || node.entries.length !== 1 || first?.key !== 'secure') return false;
  return first.value.kind === 'scalar' && first.value.value !== null;
}

/** A plain, detached copy of the node. Keys named `__proto__` become ordinary own properties. */
export function toJson(node: Node): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'seq':
      return node.items.map(toJson);
    case 'map':
      return record(node.entries.map(({ key, value }) => [key, toJson(value)]));
  }
}

/**
 * An object from entries. `Object.fromEntries` defines properties and so, unlike assignment, cannot be
 * led to a prototype by a key such as `__proto__`.
 */
export function record<T>(entries: Iterable<readonly [string, T]>): { [key: string]: T } {
  return Object.fromEntries(entries);
}
