export {
  type ConditionData,
  ConditionError,
  type Expression,
  evaluateCondition,
  parseCondition,
  printCondition,
} from './conditions/index.ts';
export { isSecureRow, shellValue } from './env/shell.ts';
export { type Assignment, EnvSyntaxError, parseEnvString } from './env/string.ts';
export { ConfigError, type ConfigErrorCode } from './errors.ts';
export { defaultLimits, type Limits } from './limits.ts';
export { type ExpandOptions, type Expansion, expand } from './matrix/expand.ts';
export type { Json, Level, Message, MessageCode, Position } from './messages.ts';
export { type ParseOptions, type ParseResult, parse } from './parse.ts';
export { type ReadResult, readConfig } from './read-config.ts';
export { isBranchBuilt, matchesBranch } from './request/branches.ts';
export type { Refusal } from './request/refusal.ts';
export { hasSkipWord } from './request/skip.ts';
export { languages, matrixKeys, versionKey } from './schema/languages.ts';
export { availableProviders } from './schema/providers.ts';
export type * from './types.ts';
