import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  visit,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { ConfigError } from '../errors.ts';
import { openDocument, textOf } from './document.ts';

/** An encrypted value as it stands in a file. */
export interface SecureValue {
  /** Dotted keys above it, without list indices: `env.global`, `deploy.api_key`. */
  readonly key: string;
  readonly ciphertext: string;
  /** From 1. */
  readonly line: number;
}

/**
 * Adds encrypted values to a `.travis.yml`, comments and layout kept. `path` is dotted, such as `env.global` or
 * `deploy.api_key`. The first value under `env.global` becomes `secure: ...`, a second one turns it into a list, and
 * an `env` that was a list or a string moves to `env.jobs` (spec 15, `encrypt`). Other paths are replaced.
 *
 * @throws ConfigError for a file that is no YAML mapping, or has no place for `path`
 */
export function addSecureValues(
  text: string,
  path: string,
  ciphertexts: readonly string[],
  { append }: { append: boolean },
): string {
  const { document } = openDocument(text);
  const keys = path.split('.');
  if (keys[0] === 'env') wrapPlainEnv(document, keys[1] ?? 'global');
  const present = document.getIn(keys, true);
  const items = ciphertexts.map((secure) => document.createNode({ secure }));
  const kept = append && present !== undefined && present !== null ? asList(present) : [];
  const all = [...kept, ...items];
  try {
    document.setIn(keys, all.length === 1 ? all[0] : listOf(all));
  } catch {
    throw new ConfigError('not_a_mapping', `.travis.yml has no place for "${path}".`);
  }
  return textOf(document);
}

/**
 * All encrypted values of a file with their places; those of an anchor once, where they are written.
 *
 * @throws ConfigError for a file that is no YAML mapping
 */
export function findSecureValues(text: string): SecureValue[] {
  const { document, lineOf } = openDocument(text);
  const found: SecureValue[] = [];
  visit(document, {
    Alias: () => undefined,
    Pair: (_, pair, above) => {
      if (!isScalar(pair.key) || pair.key.value !== 'secure') return;
      if (!isScalar(pair.value) || typeof pair.value.value !== 'string') return;
      const names = above.flatMap((node) =>
        isPair(node) && isScalar(node.key) ? [String(node.key.value)] : [],
      );
      found.push({
        key: names.join('.') || 'root',
        ciphertext: pair.value.value,
        line: lineOf(pair.key.range?.[0] ?? 0),
      });
    },
  });
  return found;
}

/** `env: A=1` and `env: [A=1]` mean the jobs' rows: they move there, and make room for `env.global`. */
function wrapPlainEnv(document: Document, section: string): void {
  const env = document.get('env', true);
  if (env === undefined || env === null) return;
  if (isScalar(env) && env.value === null) {
    document.delete('env');
    return;
  }
  const isStructured = isMap(env) && ['global', 'jobs', 'matrix'].some((name) => env.has(name));
  if (isStructured) return;
  const wrapper = new YAMLMap();
  wrapper.set(document.createNode(section === 'matrix' ? 'matrix' : 'jobs'), env);
  document.set('env', wrapper);
}

function listOf(items: unknown[]): YAMLSeq {
  const list = new YAMLSeq();
  list.items = items;
  return list;
}

function asList(node: unknown): unknown[] {
  return isSeq(node) && !isAlias(node) ? [...node.items] : [node];
}
