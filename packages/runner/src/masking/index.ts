export { createMasker, type Masker } from './masker.ts';
export { shellUnquote } from './shell-unquote.ts';
