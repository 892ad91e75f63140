import { onboarding as text } from '../../text/onboarding.ts';

/** Texts by path, as a person brings them. */
export type Texts = Readonly<Record<string, string>>;

export interface Brought {
  readonly texts: Texts;
  /** Why some were left out, a sentence each. */
  readonly left: readonly string[];
}

const LARGEST_BYTES = 500_000;

/** Reads files that were dropped or chosen; of a folder, with their paths inside it. */
export async function readFiles(files: readonly File[]): Promise<Brought> {
  const texts: Record<string, string> = {};
  const left: string[] = [];
  for (const file of files) {
    const path = file.webkitRelativePath.split('/').slice(1).join('/') || file.name;
    if (file.size > LARGEST_BYTES) {
      left.push(text.tooLarge(path));
      continue;
    }
    try {
      const bytes = await file.arrayBuffer();
      const content = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      if (content.includes('\0')) left.push(text.notText(path));
      else texts[path] = content;
    } catch {
      left.push(text.notText(path));
    }
  }
  return { texts, left };
}

export const filesOf = (texts: Texts): { path: string; text: string }[] =>
  Object.entries(texts)
    .filter(([, content]) => content.trim() !== '')
    .map(([path, content]) => ({ path, text: content }));
