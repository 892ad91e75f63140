import type { ConditionData } from '@sluice/travis-config';
import { CommandError, exitCodes } from '../exit-codes.ts';

export interface DataOptions {
  readonly data?: string;
  readonly event?: string;
  readonly branch?: string;
  readonly tag?: string;
  readonly repo?: string;
  readonly commitMessage?: string;
  readonly env?: readonly string[];
}

/** The build that a plan is made for: `--data` as JSON, single flags on top of it. */
export function conditionData(options: DataOptions): ConditionData {
  const flags = {
    type: options.event,
    branch: options.branch,
    tag: options.tag,
    repo: options.repo,
    commit_message: options.commitMessage,
    env: options.env?.length ? options.env : undefined,
  };
  return { ...parseData(options.data), ...withoutAbsent(flags) } as ConditionData;
}

export function parseData(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandError(exitCodes.usage, '--data must be JSON, such as {"branch": "main"}.');
  }
  return asData(value);
}

/** Checks that data is an object; its values are read by the condition itself. */
export function asData(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new CommandError(exitCodes.usage, 'The data must be an object.');
  }
  return { ...value };
}

function withoutAbsent(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
