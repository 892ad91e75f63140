import type { Json, Message, MessageCode } from './messages.ts';

type Args = { [name: string]: string };

/** One sentence for each code; the arguments arrive as texts fit to print. */
const sentences: { readonly [code in MessageCode]: (args: Args, key: string) => string } = {
  alias_key: ({ alias, key }) => `${alias} is an alias of ${key}, using ${key}`,
  alias_value: ({ alias, value }) => `${alias} is an alias of ${value}, using ${value}`,
  clean_key: ({ original, key }) => `unexpected characters in the key ${original}, using ${key}`,
  clean_value: ({ original, value }) => `unexpected value ${original}, using ${value}`,
  default: ({ key, default: value }) => `${key} is missing, using the default ${value}`,
  deprecated: ({ info }) => `deprecated: ${info}`,
  deprecated_key: ({ key, info }) => `${key} is deprecated${info ? ` (${info})` : ''}`,
  deprecated_value: ({ value }) => `the value ${value} is deprecated`,
  downcase: ({ value }) => `using the lower case of ${value}`,
  duplicate: ({ values }) => `given more than once: ${values}`,
  duplicate_key: ({ key }) => `the key ${key} is given more than once, the last one counts`,
  empty: (_, key) =>
    key === 'root' ? 'there is no configuration, using the defaults' : 'dropping an empty section',
  find_key: ({ original, key }) => `${original} is not known, but ${key} is, using ${key}`,
  find_value: ({ original, value }) => `${original} is not known, but ${value} is, using ${value}`,
  invalid_condition: ({ condition, message }) => `invalid condition ${condition}: ${message}`,
  invalid_env_var: ({ var: text }) => `cannot read environment variables from ${text}`,
  invalid_format: ({ value }) => `${value} does not have the right format`,
  invalid_type: ({ expected, actual, value }) =>
    `expected ${typeNames[expected ?? ''] ?? expected}, got ${typeNames[actual ?? ''] ?? actual}: ${value}`,
  overwrite: ({ key, other }) => `both ${key} and ${other} are given, ${key} counts`,
  required: ({ key }) => `the key ${key} is required, dropping the section`,
  secure: () => 'this should be an encrypted value',
  skip_allow_failure: ({ number, condition }) =>
    `entry ${number} does not apply, its condition does not hold: ${condition}`,
  skip_exclude: ({ number, condition }) =>
    `entry ${number} excludes nothing, its condition does not hold: ${condition}`,
  skip_import: ({ source, condition }) =>
    `not importing ${source}, its condition does not hold: ${condition}`,
  skip_job: ({ number, condition }) =>
    `leaving out job ${number}, its condition does not hold: ${condition}`,
  skip_notification: ({ number, condition }) =>
    `leaving out notification ${number}, its condition does not hold: ${condition}`,
  skip_stage: ({ number, condition }) =>
    `leaving out stage ${number}, its condition does not hold: ${condition}`,
  strip_key: ({ original, key }) => `blanks around the key ${original}, using ${key}`,
  too_many_imports: ({ max }) => `at most ${max} files can be imported`,
  underscore_key: ({ original, key }) => `${original} is written ${key}, using ${key}`,
  unexpected_seq: ({ value }) => `expected a single value, using the first: ${value}`,
  unknown_anchor: ({ anchor }) => `the anchor ${anchor} does not exist, using null`,
  unknown_import: ({ source }) => `cannot import ${source}`,
  unknown_key: ({ key }) => `the key ${key} is not known, it has no effect`,
  unknown_value: ({ value }) => `the value ${value} is not known`,
  unknown_var: ({ var: name }) => `the variable ${name} is not known`,
  unsupported: ({ key, on_key: onKey, on_value: onValue }) =>
    `${key} has no effect with the ${onKey} ${onValue}`,
};

const typeNames: { readonly [type: string]: string } = {
  bool: 'true or false',
  map: 'a mapping',
  none: 'nothing',
  num: 'a number',
  secure: 'an encrypted value',
  seq: 'a list',
  str: 'a text',
};

/** The message as a sentence for people, without its level and place. */
export function describe({ code, key, args }: Message): string {
  const texts = Object.entries(args).map(([name, value]) => [name, printed(value)] as const);
  return sentences[code](Object.fromEntries(texts), key);
}

function printed(value: Json | undefined): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
