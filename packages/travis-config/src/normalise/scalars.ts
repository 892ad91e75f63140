import { ConditionError, parseCondition } from '../conditions/index.ts';
import type { Json } from '../messages.ts';
import type { StrSchema } from '../schema/kinds.ts';
import { isSecure, type Node, toJson } from '../yaml/node.ts';
import { type Context, type Path, report } from './context.ts';
import { knownValue } from './values.ts';

/** A list where one value is wanted gives its first element (spec 1.5). */
export function single(node: Node, path: Path, context: Context): Node | undefined {
  if (node.kind !== 'seq') return node;
  const [first] = node.items;
  if (!first) return undefined;
  report(context, 'unexpected_seq', path, node.at, { value: toJson(first) });
  return single(first, path, context);
}

export function text(
  schema: StrSchema,
  given: Node,
  path: Path,
  context: Context,
): Json | undefined {
  const node = single(given, path, context);
  if (!node) return undefined;
  if (isSecure(node)) {
    if (schema.secure) return secureValue(node);
    return invalid('str', node, path, context);
  }
  if (node.kind !== 'scalar') return invalid('str', node, path, context);
  if (node.value === null) return undefined;
  const value = node.text;
  if (value === '') {
    report(context, 'empty', path, node.at);
    return undefined;
  }
  if (schema.secure === 'wanted' && !value.startsWith('$')) {
    report(context, 'secure', path, node.at, { type: 'str' });
  }
  if (schema.condition) checkCondition(value, path, node, context);
  if (schema.values) return knownValue(schema.values, value, path, node.at, context);
  return value;
}

export function secureValue(node: Node): { secure: string } {
  const [entry] = node.kind === 'map' ? node.entries : [];
  return { secure: entry?.value.kind === 'scalar' ? entry.value.text : '' };
}

const truths: { readonly [text: string]: boolean } = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

export function truth(node: Node): boolean | undefined {
  if (node.kind !== 'scalar') return undefined;
  const text = node.text.toLowerCase();
  return Object.hasOwn(truths, text) ? truths[text] : undefined;
}

export function boolean(given: Node, path: Path, context: Context): boolean | undefined {
  const node = single(given, path, context);
  if (!node || (node.kind === 'scalar' && node.value === null)) return undefined;
  const value = truth(node);
  return value ?? invalid('bool', node, path, context);
}

export function number(given: Node, path: Path, context: Context): number | undefined {
  const node = single(given, path, context);
  if (!node || (node.kind === 'scalar' && node.value === null)) return undefined;
  if (node.kind === 'scalar' && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(node.text)) {
    return Number(node.text);
  }
  return invalid('num', node, path, context);
}

function typeOf(node: Node): string {
  if (node.kind === 'map') return isSecure(node) ? 'secure' : 'map';
  if (node.kind === 'seq') return 'seq';
  switch (typeof node.value) {
    case 'number':
      return 'num';
    case 'boolean':
      return 'bool';
    default:
      return node.value === null ? 'none' : 'str';
  }
}

export function invalid(expected: string, node: Node, path: Path, context: Context): undefined {
  const args = { expected, actual: typeOf(node), value: brief(node) };
  report(context, 'invalid_type', path, node.at, args);
  return undefined;
}

/** A value for a message: big ones are named, not repeated. */
export function brief(node: Node): Json {
  if (node.size > 20) return `(${typeOf(node)} of ${node.size} values)`;
  return toJson(node);
}

function checkCondition(value: string, path: Path, node: Node, context: Context): void {
  try {
    parseCondition(value);
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    const args = { condition: value, message: error.message };
    report(context, 'invalid_condition', path, node.at, args);
  }
}
