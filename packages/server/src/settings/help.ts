import { definitions, type SettingName } from './definitions.ts';
import { flagOf, variableOf } from './read.ts';

/** The text of `script/server --help`: every setting with its flag, its variable and its default. */
export function settingsHelp(): string {
  const names = Object.keys(definitions) as SettingName[];
  const blocks = names.map((name) => {
    const definition = definitions[name];
    const shown = Array.isArray(definition.default)
      ? definition.default.join(',') || 'none'
      : String(definition.default) || 'empty';
    const choices = 'choices' in definition ? ` One of ${definition.choices?.join(', ')}.` : '';
    return `  ${flagOf(name)}  (${variableOf(name)}, default ${shown})\n      ${definition.help}${choices}`;
  });
  return [
    'Usage: script/server [--config FILE] [settings]',
    '',
    'Starts the Sluice server in the foreground. It is ready when it prints "listening on <url>".',
    'SIGTERM stops it: running jobs and deployments may finish for a while and resume at the next start;',
    'applications and the router go on serving ("sluice admin down --data DIR" stops these as well).',
    '',
    'A setting comes from its flag, else its variable, else the settings file, else the default.',
    'The settings file is --config FILE, else <data>/sluice.yml if it is there; its keys are the flags',
    'with underscores, such as "app_domain: example.com".',
    '',
    'Settings:',
    ...blocks,
    '',
    'Exit codes: 0 stopped cleanly, 1 failed, 2 a setting is wrong.',
    '',
  ].join('\n');
}
