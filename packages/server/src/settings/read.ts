import { parse } from 'yaml';
import { SluiceError } from '../errors.ts';
import { type Definition, definitions, type SettingName, type Settings } from './definitions.ts';

const names = Object.keys(definitions) as SettingName[];

export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
export const keyOf = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const variableOf = (name: string): string => `SLUICE_${keyOf(name).toUpperCase()}`;

export interface SettingSources {
  /** Already split command line, such as `['--port', '8700', '--host=::1']`. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** The text of the settings file and its name for messages. */
  readonly file?: { readonly name: string; readonly text: string };
}

/**
 * Joins the sources: a flag beats a variable, a variable beats the file, the file beats the default.
 * Throws SluiceError `invalid` that names the source, the setting and what would be right.
 */
export function readSettings({ flags = [], environment = {}, file }: SettingSources): Settings {
  const settings: Record<string, unknown> = {};
  for (const name of names) settings[name] = definitions[name].default;
  Object.assign(settings, fromFile(file), fromEnvironment(environment), fromFlags(flags));
  return settings as Settings;
}

function fromFile(file: SettingSources['file']): Record<string, unknown> {
  if (file === undefined) return {};
  let content: unknown;
  try {
    content = parse(file.text);
  } catch (error) {
    const [line] = String(error instanceof Error ? error.message : error).split('\n');
    throw invalid(`The settings file ${file.name} is not valid YAML: ${line}`);
  }
  if (content === null || content === undefined) return {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    throw invalid(`The settings file ${file.name} must hold "name: value" lines.`);
  }
  const found: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(content)) {
    const name = names.find((candidate) => keyOf(candidate) === key);
    if (name === undefined) {
      throw invalid(`The settings file ${file.name} names an unknown setting "${key}".`);
    }
    const plain = Array.isArray(value) ? value.join(',') : String(value ?? '');
    found[name] = convert(definitions[name], plain, `${key} in ${file.name}`);
  }
  return found;
}

function fromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of names) {
    const value = environment[variableOf(name)];
    if (value !== undefined) found[name] = convert(definitions[name], value, variableOf(name));
  }
  return found;
}

function fromFlags(flags: readonly string[]): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (let index = 0; index < flags.length; index += 1) {
    const word = flags[index] ?? '';
    const [flag = '', attached] = splitOnce(word, '=');
    const name = names.find((candidate) => flagOf(candidate) === flag);
    if (name === undefined) throw invalid(`Unknown argument "${word}". See --help.`);
    const definition = definitions[name];
    let value = attached;
    if (value === undefined && definition.kind === 'boolean') value = 'true';
    if (value === undefined) {
      index += 1;
      value = flags[index];
    }
    if (value === undefined) throw invalid(`${flag} needs a value.`);
    found[name] = convert(definition, value, flag);
  }
  return found;
}

function convert(definition: Definition<unknown>, value: string, where: string): unknown {
  const trimmed = value.trim();
  switch (definition.kind) {
    case 'integer': {
      const number = Number(trimmed);
      const { min = 0, max = Number.MAX_SAFE_INTEGER } = definition;
      if (trimmed === '' || !Number.isInteger(number) || number < min || number > max) {
        const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
        throw invalid(`${where} must be a whole number ${range}, not "${value}".`);
      }
      return number;
    }
    case 'boolean':
      if (/^(true|yes|on|1)$/i.test(trimmed)) return true;
      if (/^(false|no|off|0)$/i.test(trimmed)) return false;
      throw invalid(`${where} must be true or false, not "${value}".`);
    case 'list':
      return trimmed === '' ? [] : trimmed.split(',').map((item) => item.trim());
    case 'text':
      if (definition.choices !== undefined && !definition.choices.includes(trimmed)) {
        throw invalid(`${where} must be one of ${definition.choices.join(', ')}, not "${value}".`);
      }
      return trimmed;
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function invalid(message: string): SluiceError {
  return new SluiceError('invalid', message, { reason: 'settings' });
}
