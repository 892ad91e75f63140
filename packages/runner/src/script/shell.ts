/** Means itself to a shell: no blanks, quotes, expansions, patterns, and no tilde. */
const PLAIN_WORD = /^[\w@%+:,./-]+$/;

/**
 * `text` as one word of bash, whatever it holds. NUL cannot exist in a shell word and is dropped.
 */
export function quote(text: string): string {
  if (PLAIN_WORD.test(text)) return text;
  return `'${text.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}

/** The statement that runs a build's own text with the line to the runner closed. */
export function evaluate(text: string): string {
  return `eval ${quote(text)} 198>&-`;
}
