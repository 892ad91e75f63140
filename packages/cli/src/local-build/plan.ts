import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ConditionData,
  expand,
  importsOf,
  type JobConfig,
  type Message,
  maxImports,
  type Part,
  parse,
  parseParts,
  type Refusal,
} from '@sluice/travis-config';
import { CommandError, exitCodes } from '../exit-codes.ts';

export interface LocalPlan {
  readonly jobs: readonly JobConfig[];
  readonly messages: readonly Message[];
  /** Why the service would not build this. */
  readonly refused: Refusal | null;
  /** About files that cannot be imported here. */
  readonly remarks: readonly string[];
}

/**
 * The jobs of a file with those files of the same working tree that it imports (spec/travis.md 10). Throws
 * `ConfigError` for what cannot be read, `CommandError` for an import that is not there.
 */
export async function planLocally(
  text: string,
  root: string,
  data: ConditionData,
): Promise<LocalPlan> {
  const remarks: string[] = [];
  const parts: Part[] = [{ text }];
  const seen = new Set<string>();

  const follow = async (part: Part): Promise<void> => {
    const { config, positions } = parse(part.text);
    for (const { source, path, repository, ref, mode } of importsOf(config, data, positions)
      .imports) {
      if (repository !== null || ref !== null) {
        remarks.push(`${source} is not imported: only the service can fetch it.`);
        continue;
      }
      if (seen.has(path) || seen.size === maxImports) continue;
      seen.add(path);
      const imported = await readFile(join(root, path), 'utf8').catch(() => {
        throw new CommandError(exitCodes.failed, `${source}, which is imported, is not there.`);
      });
      const next: Part = { text: imported, mode, source };
      parts.push(next);
      await follow(next);
    }
  };
  await follow({ text });

  const { config, messages, positions } = parseParts(parts);
  const expansion = expand(config, data, { positions });
  return {
    jobs: expansion.jobs,
    messages: [...messages, ...expansion.messages],
    refused: expansion.refused ?? null,
    remarks,
  };
}
