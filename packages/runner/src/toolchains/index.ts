export { chooseInstallation } from './choose.ts';
export { type DiscoverOptions, discoverToolchains } from './discover.ts';
export { TOOLCHAIN_ROOTS } from './places.ts';
export { type Choice, type Installation, TOOLS, type Tool } from './types.ts';
