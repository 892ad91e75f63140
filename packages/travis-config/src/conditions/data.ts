import { isSecureRow, unquoted } from '../env/shell.ts';
import { parseEnvString } from '../env/string.ts';
import type { Json } from '../messages.ts';
import type { EnvRow } from '../types.ts';
import { record } from '../yaml/node.ts';
import type { Variable } from './ast.ts';

/**
 * What a condition is evaluated against: the variables of spec 13 and the environment. Everything missing is
 * null. `env` may be a map, a list of maps, or a list of `NAME=value` texts.
 */
export type ConditionData = { [name in Variable]?: Json } & { env?: Json };

/** {@link ConditionData} with `env` as one map of plain values. */
export type EvaluationData = {
  variables: { [name: string]: Json };
  env: { [name: string]: string | number | boolean | null };
};

export function evaluationData(data: ConditionData): EvaluationData {
  const { env, ...variables } = data;
  return { variables, env: record(envEntries(env ?? null)) };
}

type Value = string | number | boolean | null;

function envEntries(env: Json): [string, Value][] {
  if (Array.isArray(env)) return env.flatMap(envEntries);
  if (typeof env === 'string') return textEntries(env);
  if (typeof env !== 'object' || env === null) return [];
  if (isSecureRow(env as EnvRow)) return [];
  return Object.entries(env).flatMap(([name, value]): [string, Value][] => {
    // Encrypted values are never visible to conditions (spec 3.5).
    if (value === undefined || (typeof value === 'object' && value !== null)) return [];
    return [[name, typeof value === 'string' ? unquoted(value) : value]];
  });
}

function textEntries(text: string): [string, Value][] {
  try {
    return parseEnvString(text).map(({ name, value }) => [name, unquoted(value)]);
  } catch {
    return [];
  }
}
