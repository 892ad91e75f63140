import type { ConditionData } from '../conditions/index.ts';
import { Judge } from '../matrix/conditions.ts';
import { type Message, Messages, type Position } from '../messages.ts';
import type { BuildConfig, MergeMode } from '../types.ts';
import { type ImportSource, parseImportSource } from './source.ts';

/** An import to be fetched by the caller. */
export interface WantedImport extends ImportSource {
  /** As written, for messages. */
  source: string;
  mode: MergeMode;
}

/**
 * The files a configuration wants to import, in order, as far as their `if` holds (spec 10). Fetching them,
 * who may import whose, the limit of {@link maxImports} and cycles are the caller's; then `parseParts`.
 */
export function importsOf(
  config: BuildConfig,
  data: ConditionData = {},
  positions: ReadonlyMap<string, Position> = new Map(),
): { imports: WantedImport[]; messages: Message[] } {
  const messages = new Messages();
  const judge = new Judge(data, messages, positions);
  const rootData = judge.rootData(config, config.env?.global ?? []);
  const imports: WantedImport[] = [];
  for (const [index, { source, mode = 'deep_merge_append', if: condition }] of (
    config.import ?? []
  ).entries()) {
    const path = `import.${index}`;
    const parsed = parseImportSource(source);
    if (!parsed) {
      judge.skipped('invalid_format', path, 'import.source', { value: source });
    } else if (!judge.accepts(condition, rootData, 'import')) {
      const args = { source, condition: condition ?? null };
      judge.skipped('skip_import', path, 'import', args);
    } else {
      imports.push({ ...parsed, source, mode });
    }
  }
  return { imports, messages: messages.list };
}
