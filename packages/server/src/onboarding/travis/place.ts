import type { BuildConfig, JobConfig, Position } from '@sluice/travis-config';

/** A configuration that could be read, with what is needed to say where something stands. */
export interface ReadTravis {
  readonly text: string;
  readonly config: BuildConfig;
  readonly positions: ReadonlyMap<string, Position>;
}

/** The line of a dotted path, or of the nearest one above it that has a place. */
export function lineAt({ positions }: Pick<ReadTravis, 'positions'>, path: string): number | null {
  for (let rest = path; rest !== ''; rest = rest.slice(0, Math.max(0, rest.lastIndexOf('.')))) {
    const found = positions.get(rest);
    if (found !== undefined && found.source === undefined) return found.line;
  }
  return null;
}

/** The root and the entries of `jobs.include`, each with its dotted path and a dot behind it. */
export function parts({ config }: Pick<ReadTravis, 'config'>): [string, JobConfig | BuildConfig][] {
  const included = config.jobs?.include ?? [];
  return [
    ['', config],
    ...included.map((job, index): [string, JobConfig] => [`jobs.include.${index}.`, job]),
  ];
}

export function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The line of a command, which has no place of its own: the first one at or below its phase that holds its text. */
export function lineOfCommand(read: ReadTravis, path: string, command: string): number | null {
  const from = lineAt(read, path);
  const first = command.split('\n', 1)[0]?.trim() ?? '';
  const index = read.text
    .split('\n')
    .findIndex((line, at) => at + 1 >= (from ?? 1) && line.includes(first));
  return index < 0 ? from : index + 1;
}
