export { RegexError } from './ast.ts';
export { type CompiledRegex, compileRegex } from './compile.ts';
export { RegexSearch } from './search.ts';
