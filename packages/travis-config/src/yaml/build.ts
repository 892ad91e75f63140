import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { ConfigError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Messages, Position } from '../messages.ts';
import { mergeEntries } from './merge.ts';
import type { Entry, MapNode, Node, ScalarNode, SeqNode } from './node.ts';
import { resolvePlain } from './scalars.ts';

export interface BuildOptions {
  at: (offset: number) => Position;
  limits: Limits;
  messages: Messages;
}

/** The node tree of a composed YAML document. Tags are ignored: nothing in a file can name a type. */
export function build(contents: unknown, options: BuildOptions): Node {
  return new Builder(options).node(contents, []);
}

class Builder {
  private readonly anchors = new Map<string, Node>();
  private readonly options: BuildOptions;
  /** Entries copied by merge keys; each copy is work and memory even where the nodes are shared. */
  private mergedEntries = 0;

  constructor(options: BuildOptions) {
    this.options = options;
  }

  node(value: unknown, path: readonly string[]): Node {
    if (isAlias(value)) return this.alias(value, path);
    const built = this.plain(value, path);
    const anchor = isScalar(value) || isMap(value) || isSeq(value) ? value.anchor : undefined;
    // Registered only when complete: an alias inside its own anchor finds nothing, so no cycles.
    if (anchor) this.anchors.set(anchor, Object.assign(built, { anchored: true }));
    return built;
  }

  private plain(value: unknown, path: readonly string[]): Node {
    if (isMap(value)) return this.map(value, path);
    if (isSeq(value)) return this.seq(value, path);
    if (isScalar(value)) return this.scalar(value);
    return nullNode({ line: 1, column: 1 });
  }

  private alias(alias: Alias, path: readonly string[]): Node {
    const at = this.at(alias);
    const target = this.anchors.get(alias.source);
    if (target) {
      // Same node, place of use: remarks point at the line that uses the template.
      return { ...target, anchored: false };
    }
    this.options.messages.add('unknown_anchor', dotted(path), at, { anchor: alias.source });
    return nullNode(at);
  }

  private scalar(scalar: Scalar): ScalarNode {
    const text = textOf(scalar);
    const value = scalar.type === 'PLAIN' ? resolvePlain(text) : text;
    return { kind: 'scalar', value, text, at: this.at(scalar), anchored: false, size: 1 };
  }

  private seq(seq: YAMLSeq, path: readonly string[]): SeqNode {
    // Message keys have no list indices; line and column tell which entry is meant.
    const items = seq.items.map((item) => this.node(item, path));
    const size = this.sized(items, seq);
    return { kind: 'seq', items, at: this.at(seq), anchored: false, size };
  }

  private map(map: YAMLMap, path: readonly string[]): MapNode {
    const explicit: Entry[] = [];
    const seen = new Map<string, number>();
    const merges: Node[] = [];
    for (const pair of map.items) {
      const key = this.key(pair);
      const at = this.at(pair.key);
      const value = this.node(pair.value ?? undefined, [...path, key]);
      if (value.kind === 'scalar' && pair.value === null) value.at = at;
      if (key === '<<') {
        merges.push(value);
        continue;
      }
      const earlier = seen.get(key);
      if (earlier !== undefined) {
        this.options.messages.add('duplicate_key', dotted(path), at, { key });
        explicit[earlier] = { key, at, value };
        continue;
      }
      seen.set(key, explicit.length);
      explicit.push({ key, at, value });
    }
    const entries = merges.length > 0 ? this.merge(explicit, merges, map) : explicit;
    const size = this.sized(
      entries.map((entry) => entry.value),
      map,
    );
    return { kind: 'map', entries, at: this.at(map), anchored: false, size };
  }

  private merge(explicit: Entry[], merges: Node[], map: YAMLMap): Entry[] {
    const entries = mergeEntries(explicit, merges);
    this.mergedEntries += entries.length;
    if (this.mergedEntries > this.options.limits.maxNodes) this.tooMany(map);
    return entries;
  }

  /** Keys are text whatever they look like; a leading `:` (a Ruby symbol) is removed. */
  private key(pair: Pair): string {
    const { key } = pair;
    if (isAlias(key)) {
      const target = this.anchors.get(key.source);
      return target?.kind === 'scalar' ? target.text : '';
    }
    const text = isScalar(key) ? textOf(key) : '';
    return text.startsWith(':') && text.length > 1 ? text.slice(1) : text;
  }

  private sized(children: Node[], source: YAMLMap | YAMLSeq): number {
    let size = 1;
    for (const child of children) size += child.size;
    if (size > this.options.limits.maxNodes) this.tooMany(source);
    return size;
  }

  private tooMany(source: YAMLMap | YAMLSeq): never {
    const { maxNodes } = this.options.limits;
    const message = `The file has more than ${maxNodes} values once its aliases are expanded.`;
    throw new ConfigError('too_many_nodes', message, this.at(source));
  }

  private at(value: unknown): Position {
    const range = (value as Partial<ParsedNode> | null | undefined)?.range;
    return this.options.at(range?.[0] ?? 0);
  }
}

/** The source of a plain scalar: with a `%YAML 1.1` directive the value may already be typed. */
function textOf(scalar: Scalar): string {
  if (scalar.type === 'PLAIN' && scalar.source !== undefined) return scalar.source;
  return String(scalar.value ?? '');
}

function nullNode(at: Position): ScalarNode {
  return { kind: 'scalar', value: null, text: '', at, anchored: false, size: 1 };
}

function dotted(path: readonly string[]): string {
  // The name of a key can be empty, too.
  return path.join('.') || 'root';
}
