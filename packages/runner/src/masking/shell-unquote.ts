/**
 * What a shell makes of `text` when it is a word: quotes removed, backslashes resolved. Expansions
 * (`$VAR`, `$(...)`) stay as they are, since their value is not known here.
 */
export function shellUnquote(text: string): string {
  let result = '';
  let quote: '"' | "'" | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (quote === "'") {
      if (char === "'") quote = null;
      else result += char;
    } else if (char === '\\') {
      const next = text[i + 1];
      if (next === undefined) result += char;
      else if (quote === '"' && !'"\\$`\n'.includes(next)) result += char;
      else {
        if (next !== '\n') result += next;
        i++;
      }
    } else if (char === quote) {
      quote = null;
    } else if (quote === null && (char === '"' || char === "'")) {
      quote = char;
    } else {
      result += char;
    }
  }
  return result;
}
