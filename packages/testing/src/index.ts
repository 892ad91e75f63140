export * from './divio-client.ts';
export * from './git.ts';
export * from './installation.ts';
export * from './oidc-provider.ts';
export * from './requirement.ts';
export * from './tls-front.ts';
export * from './travis-client.ts';
