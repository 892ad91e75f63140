export * from './apps.ts';
export * from './catalogue.ts';
export * from './client/index.ts';
export * from './common.ts';
export * from './encryption.ts';
export * from './iam.ts';
export * from './runner-protocol.ts';
export * from './v1.ts';
