export { RegexError } from './ast.ts';
export { compileRegex } from './compile.ts';
export { RegexSearch } from './search.ts';
