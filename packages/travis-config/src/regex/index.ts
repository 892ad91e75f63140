export { RegexError } from './ast.ts';
export { type CompiledRegex, compileRegex } from './compile.ts';
export { type Budget, defaultSteps } from './match.ts';
