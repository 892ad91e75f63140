import type { Json, MessageCode, Messages, Position } from '../messages.ts';
import type { Schema } from '../schema/kinds.ts';
import type { Node } from '../yaml/node.ts';

/** What normalising one file carries along: where messages go, and where each value stood. */
export interface Context {
  messages: Messages;
  /** Positions by path with list indices (`jobs.include.0`), for messages made after normalising. */
  positions: Map<string, Position>;
}

/**
 * A place in the configuration. Message keys leave out list indices (`jobs.include.script`, as Travis does;
 * line and column tell which entry is meant), position keys keep them.
 */
export interface Path {
  key: string;
  exact: string;
}

export const rootPath: Path = { key: 'root', exact: '' };

export function child(path: Path, key: string): Path {
  const isRoot = path.exact === '';
  return {
    key: isRoot ? key : `${path.key}.${key}`,
    exact: isRoot ? key : `${path.exact}.${key}`,
  };
}

export function item(path: Path, index: number): Path {
  return { key: path.key, exact: `${path.exact}.${index}` };
}

export function report(
  context: Context,
  code: MessageCode,
  path: Path,
  at: Position,
  args: { [name: string]: Json } = {},
): void {
  context.messages.add(code, path.key, at, args);
}

/** {@link normalise}, handed in so that the sections need not import what imports them. */
export type Normalise = (
  schema: Schema,
  node: Node,
  path: Path,
  context: Context,
) => Json | undefined;

export type Custom = (
  node: Node,
  path: Path,
  context: Context,
  normalise: Normalise,
) => Json | undefined;
