import {
  type ConditionData,
  ConditionError,
  type Expression,
  evaluateCondition,
  parseCondition,
} from '../conditions/index.ts';
import type { Json, MessageCode, Messages, Position } from '../messages.ts';
import { RegexSearch } from '../regex/index.ts';
import type { EnvRow, JobConfig } from '../types.ts';

/** What one expansion needs to judge conditions and to remark on what it left out. */
export class Judge {
  private readonly data: ConditionData;
  private readonly messages: Messages;
  private readonly positions: ReadonlyMap<string, Position>;
  private readonly parsed = new Map<string, Expression | ConditionError>();
  /** One for the whole build: a thousand jobs with a slow expression are to be refused as fast as one. */
  readonly search = new RegexSearch();
  private readonly reported = new Set<string>();

  constructor(data: ConditionData, messages: Messages, positions: ReadonlyMap<string, Position>) {
    this.data = data;
    this.messages = messages;
    this.positions = positions;
  }

  /** Whether the condition holds; no condition always does, an invalid one never (spec 13). */
  accepts(condition: Json | undefined, data: ConditionData, key: string): boolean {
    if (typeof condition !== 'string') return true;
    const expression = this.parse(condition);
    if (expression instanceof ConditionError) return false;
    try {
      return evaluateCondition(expression, data, this.search);
    } catch (error) {
      if (!(error instanceof ConditionError)) throw error;
      this.invalid(condition, key, error);
      return false;
    }
  }

  /** The build's data with the root's language, os, dist and global variables (spec 3.5). */
  rootData(config: { [key: string]: Json | undefined }, global: readonly EnvRow[]): ConditionData {
    const { os } = config;
    const first = Array.isArray(os) ? os[0] : os;
    return {
      ...this.own(config),
      ...(first === undefined ? {} : { os: first }),
      env: this.env(global),
    };
  }

  /** The build's data with the job's own language, os, dist and variables. */
  jobData(job: JobConfig, global: readonly EnvRow[]): ConditionData {
    const { os } = job;
    const env = this.env(job.env ?? global);
    return { ...this.own(job), ...(os === undefined ? {} : { os }), env };
  }

  /** Remarks once on each thing a condition left out. */
  skipped(code: MessageCode, path: string, key: string, args: { [name: string]: Json }): void {
    this.report(code, path, key, args);
  }

  private own(config: { [key: string]: Json | undefined }): ConditionData {
    const own: ConditionData = { ...this.data };
    for (const key of ['language', 'dist', 'group', 'sudo'] as const) {
      const value = config[key];
      if (value !== undefined) own[key] = value;
    }
    return own;
  }

  /** The caller's variables (those of the settings) come first, the file's win. */
  private env(rows: readonly EnvRow[]): Json[] {
    const given = this.data.env ?? [];
    return [...(Array.isArray(given) ? given : [given]), ...rows];
  }

  private parse(condition: string): Expression | ConditionError {
    const known = this.parsed.get(condition);
    if (known) return known;
    const expression = parsed(condition);
    this.parsed.set(condition, expression);
    return expression;
  }

  /** What cannot be parsed was reported when the file was read; this is what only shows when it runs. */
  private invalid(condition: string, key: string, error: ConditionError): void {
    if (this.reported.has(condition)) return;
    this.reported.add(condition);
    this.report('invalid_condition', key, key, { condition, message: error.message });
  }

  private report(
    code: MessageCode,
    path: string,
    key: string,
    args: { [name: string]: Json },
  ): void {
    const at = this.positions.get(path) ?? this.positions.get(key) ?? { line: 1, column: 1 };
    this.messages.add(code, key, at, args);
  }
}

function parsed(condition: string): Expression | ConditionError {
  try {
    return parseCondition(condition);
  } catch (error) {
    if (error instanceof ConditionError) return error;
    throw error;
  }
}
