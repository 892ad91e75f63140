/**
 * Reads a job's configuration as the runner needs it. It comes normalised from @sluice/travis-config, but over the
 * wire and possibly from a server of another version, so every value is looked at before it is used.
 */
export type JobSettings = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value as text: the first of a list, a number or boolean as it is written, anything else nothing. */
export function text(value: unknown): string | null {
  if (Array.isArray(value)) return text(value[0]);
  if (typeof value === 'string') return value === '' ? null : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return null;
}

/** A single value or a list, as a list of texts without the empty ones. */
export function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => text(item)).filter((item): item is string => item !== null);
}

/** `true`, `yes`, `on` and their opposites; `fallback` for everything else. */
export function flag(value: unknown, fallback: boolean): boolean {
  const word = text(value)?.toLowerCase();
  if (word === 'true' || word === 'yes' || word === 'on') return true;
  if (word === 'false' || word === 'no' || word === 'off') return false;
  return fallback;
}

export function languageOf(config: JobSettings): string {
  return text(config['language'])?.toLowerCase() ?? 'ruby';
}

/**
 * What a phase says (spec/travis.md 5.5): nothing, so that the language's default counts; to be skipped; or commands.
 */
export type PhaseSetting =
  | { kind: 'default' }
  | { kind: 'skip'; word: string }
  | { kind: 'commands'; commands: string[] };

export function phaseSetting(config: JobSettings, phase: string): PhaseSetting {
  const commands = texts(config[phase]);
  const [only] = commands;
  if (only === undefined) return { kind: 'default' };
  if (commands.length === 1 && (only === 'skip' || only === 'ignore')) {
    return { kind: 'skip', word: only };
  }
  return { kind: 'commands', commands };
}
