import { ConfigError } from './errors.ts';
import { mergeTrees } from './imports/merge.ts';
import { defaultLimits, type Limits, startOfFile } from './limits.ts';
import { type Message, Messages, type Position } from './messages.ts';
import type { Context } from './normalise/context.ts';
import { rootPath } from './normalise/context.ts';
import { withDefaults } from './normalise/defaults.ts';
import { reportDuplicates } from './normalise/duplicates.ts';
import { normalise } from './normalise/normalise.ts';
import { reportUnsupported } from './normalise/unsupported.ts';
import { root } from './schema/root.ts';
import type { BuildConfig, MergeMode } from './types.ts';
import type { MapNode } from './yaml/node.ts';
import { readYaml } from './yaml/read.ts';

export interface ParseOptions {
  /** Fill in `language`, `os` and `dist` where the file is silent (default true). */
  defaults?: boolean;
  /** The installation's default distribution (default `focal`). */
  dist?: string;
  limits?: Partial<Limits>;
}

export interface ParseResult {
  config: BuildConfig;
  messages: Message[];
  /** Where each value stood, by path (`jobs.include.0.script`); hand it to {@link expand}. */
  positions: ReadonlyMap<string, Position>;
}

/**
 * A file's text as a normalised configuration, with messages about everything noteworthy (spec 1-3). An
 * empty file is a build with defaults.
 *
 * @throws ConfigError when there can be no build at all: unreadable YAML, or beyond a limit
 */
export function parse(text: string, options: ParseOptions = {}): ParseResult {
  return parseParts([{ text }], options);
}

/** A file with those it imports, see {@link parseParts}. */
export interface Part {
  text: string;
  /** How it joins what came before; for imported files. */
  mode?: MergeMode;
  /** The file's name in messages; leave it out for the main file. */
  source?: string;
}

/**
 * {@link parse} for a main file and the files it imports, in the order of importing: each result is the
 * importer of the next (spec 10). Imported files' own `import` keys are the caller's to follow.
 *
 * @throws ConfigError when any of the files cannot be read
 */
export function parseParts(parts: readonly Part[], options: ParseOptions = {}): ParseResult {
  const messages = new Messages();
  const positions = new Map<string, Position>();
  const context: Context = { messages, positions };
  const limits = { ...defaultLimits, ...options.limits };
  const tree = merged(parts, limits, messages);
  if (!tree) messages.add('empty', 'root', startOfFile);
  const value = tree ? normalise(root, tree, rootPath, context) : undefined;
  const given = (value ?? {}) as BuildConfig;
  const config = options.defaults === false ? given : withDefaults(given, options, messages);
  reportDuplicates(config, context);
  reportUnsupported(config, context);
  return { config, messages: messages.list, positions };
}

function merged(parts: readonly Part[], limits: Limits, messages: Messages): MapNode | null {
  let result: MapNode | null = null;
  for (const { text, mode = 'deep_merge_append', source } of parts) {
    const tree = readYaml(text, limits, messages, source);
    if (!tree) continue;
    if (source === undefined && result === null) result = tree;
    else result = mergeTrees(result ?? emptyLike(tree), withoutImports(tree), mode);
    if (result.size > limits.maxNodes) {
      const message = `The file and its imports have more than ${limits.maxNodes} values.`;
      throw new ConfigError('too_many_nodes', message);
    }
  }
  return result;
}

function withoutImports(tree: MapNode): MapNode {
  return { ...tree, entries: tree.entries.filter(({ key }) => key !== 'import') };
}

function emptyLike(tree: MapNode): MapNode {
  return { ...tree, entries: [], size: 1 };
}
