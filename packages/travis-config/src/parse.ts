import { defaultLimits, type Limits, startOfFile } from './limits.ts';
import { type Message, Messages, type Position } from './messages.ts';
import type { Context } from './normalise/context.ts';
import { rootPath } from './normalise/context.ts';
import { withDefaults } from './normalise/defaults.ts';
import { normalise } from './normalise/normalise.ts';
import { reportUnsupported } from './normalise/unsupported.ts';
import { root } from './schema/root.ts';
import type { BuildConfig } from './types.ts';
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
  const messages = new Messages();
  const positions = new Map<string, Position>();
  const context: Context = { messages, positions };
  const tree = readYaml(text, { ...defaultLimits, ...options.limits }, messages);
  if (!tree) messages.add('missing_config', 'root', startOfFile);
  const value = tree ? normalise(root, tree, rootPath, context) : undefined;
  const given = (value ?? {}) as BuildConfig;
  const config = options.defaults === false ? given : withDefaults(given, options, messages);
  reportUnsupported(config, context);
  return { config, messages: messages.list, positions };
}
