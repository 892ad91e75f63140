import type { LineRange } from './hash.ts';
import { lineText } from './line-text.ts';
import type { LogSource } from './source.ts';

/** Puts lines into the clipboard as they are seen, without colours. */
export async function copyLines(source: LogSource, { first, last }: LineRange): Promise<void> {
  const lines = await source.read(first, last);
  const text = lines.map((line) => `${lineText(line.text).plain}\n`).join('');
  await navigator.clipboard.writeText(text);
}
