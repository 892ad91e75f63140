/** What a value in the file should look like; interpreted by `normalise/`. */
export type Schema =
  | StrSchema
  | { kind: 'bool' }
  | { kind: 'num' }
  | { kind: 'any' }
  | { kind: 'oneOf'; schemas: readonly Schema[] }
  | SeqSchema
  | MapSchema
  | { kind: 'custom'; name: CustomName };

export interface StrSchema {
  kind: 'str';
  /** The known values, with their aliases. */
  values?: Values;
  /** A `{secure: ...}` may stand here; `wanted` also raises an alert for plain text (spec 1.4). */
  secure?: 'allowed' | 'wanted';
  /** The text is a condition (spec 13). */
  condition?: true;
}

export interface Values {
  known: readonly string[];
  aliases?: { readonly [alias: string]: string };
  /** Known values that mean something else by now, or soon nothing. */
  deprecated?: readonly string[];
  /** What happens to a value nobody knows: kept with a message, or dropped with one. */
  unknown: 'keep' | 'drop';
}

export interface SeqSchema {
  kind: 'seq';
  of: Schema;
  /**
   * Keep maps in which nothing was given (`given`: an empty matcher matches everything), or also those in
   * which nothing usable is left (`always`: a job without a known key is still a job).
   */
  keepEmpty?: 'given' | 'always';
}

export interface MapSchema {
  kind: 'map';
  keys: { readonly [key: string]: Schema };
  aliases?: { readonly [alias: string]: string };
  /** Where a scalar, a list, or a map without known keys goes (spec 1.5). */
  prefix?: string;
  /** Where `true` and `false` go, if not to the prefix. */
  toggle?: string;
  /** The schema of keys not listed; without it they are unknown. */
  open?: Schema;
  required?: readonly string[];
  /** One unknown key makes the whole map unusable: it says what to compare, and that cannot be known. */
  strict?: true;
  deprecated?: readonly string[];
}

/** Sections whose rules are code, not shape; see `normalise/custom.ts`. */
export type CustomName =
  | 'commands'
  | 'env'
  | 'jobEnv'
  | 'deploy'
  | 'deployOn'
  | 'cache'
  | 'notifications'
  | 'gitDepth'
  | 'template';

export const str: StrSchema = { kind: 'str' };
export const maybeSecure: StrSchema = { kind: 'str', secure: 'allowed' };
export const secret: StrSchema = { kind: 'str', secure: 'wanted' };
export const condition: StrSchema = { kind: 'str', condition: true };
export const bool: Schema = { kind: 'bool' };
export const num: Schema = { kind: 'num' };
export const any: Schema = { kind: 'any' };

export function seq(of: Schema): SeqSchema {
  return { kind: 'seq', of };
}

export function custom(name: CustomName): Schema {
  return { kind: 'custom', name };
}

export function oneOf(...schemas: Schema[]): Schema {
  return { kind: 'oneOf', schemas };
}

export function enumeration(
  known: readonly string[],
  aliases: { readonly [alias: string]: string } = {},
  unknown: Values['unknown'] = 'keep',
): StrSchema {
  return { kind: 'str', values: { known, aliases, unknown } };
}

export function map(
  keys: { readonly [key: string]: Schema },
  options: Omit<MapSchema, 'kind' | 'keys'> = {},
): MapSchema {
  return { kind: 'map', keys, ...options };
}
