export type { SettingName, Settings } from './definitions.ts';
export { settingsHelp } from './help.ts';
export { loadSettings } from './load.ts';
export { readSettings } from './read.ts';
