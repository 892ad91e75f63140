export {
  type ConditionData,
  ConditionError,
  type Expression,
  evaluateCondition,
  type FunctionName,
  type Operand,
  type Pattern,
  type Predicate,
  parseCondition,
  printCondition,
  type Variable,
} from './conditions/index.ts';
export { describe } from './describe.ts';
export { putDeploy } from './edit/deploy.ts';
export { addSecureValues, findSecureValues, type SecureValue } from './edit/secure.ts';
export { exportsOf, isSecureRow, shellValue } from './env/shell.ts';
export { type Assignment, EnvSyntaxError, parseEnvString } from './env/string.ts';
export { ConfigError, type ConfigErrorCode } from './errors.ts';
export { importsOf, type WantedImport } from './imports/imports.ts';
export { type ImportSource, maxImports, parseImportSource } from './imports/source.ts';
export { defaultLimits, type Limits } from './limits.ts';
export { type LintResult, lint } from './lint.ts';
export { type ExpandOptions, type Expansion, expand } from './matrix/expand.ts';
export type { Json, Level, Message, MessageCode, Position } from './messages.ts';
export { type SelectedNotifications, selectNotifications } from './notifications.ts';
export { type ParseOptions, type ParseResult, type Part, parse, parseParts } from './parse.ts';
export { type Plan, plan } from './plan.ts';
export { type ReadResult, readConfig } from './read-config.ts';
export { isBranchBuilt, matchesBranch } from './request/branches.ts';
export type { Refusal } from './request/refusal.ts';
export { hasSkipWord } from './request/skip.ts';
export { languages, matrixKeys, versionKey } from './schema/languages.ts';
export { availableProviders } from './schema/providers.ts';
export type * from './types.ts';
