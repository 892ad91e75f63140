export * from './git.ts';
