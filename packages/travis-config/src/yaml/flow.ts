/** How far lines inside brackets are moved; deeper than any block around them. */
const shift = 100;

/**
 * The text with all lines that start inside `[...]` or `{...}` moved to the right, and by how much each
 * line (from 1) was moved. Quotes, comments and block scalars are followed only as far as needed to find
 * brackets; the result is parsed again, so a wrong guess here can only lead to the first parse's error.
 */
export function indentFlows(text: string): { text: string; moved: Map<number, number> } {
  const moved = new Map<number, number>();
  const lines: string[] = [];
  let depth = 0;
  let quote = '';
  let blockIndent: number | undefined;
  for (const line of text.split('\n')) {
    const indent = line.search(/\S/);
    if (blockIndent !== undefined && (indent < 0 || indent > blockIndent)) {
      lines.push(line);
      continue;
    }
    blockIndent = undefined;
    if (depth > 0 && quote === '' && indent >= 0) {
      lines.push(' '.repeat(shift) + line);
      moved.set(lines.length, shift);
    } else {
      lines.push(line);
    }
    ({ depth, quote } = scanned(line, depth, quote));
    if (depth === 0 && quote === '' && /(?:^|[\s:-])[|>][+\-\d]*\s*(?:#.*)?$/.test(line)) {
      blockIndent = indent;
    }
  }
  return { text: lines.join('\n'), moved };
}

/** Brackets and quotes open at the end of a line, given those open at its start. */
function scanned(line: string, before: number, open: string): { depth: number; quote: string } {
  let depth = before;
  let quote = open;
  for (let at = 0; at < line.length; at++) {
    const character = line[at] ?? '';
    const previous = line[at - 1] ?? ' ';
    if (quote !== '') {
      if (quote === '"' && character === '\\') at++;
      else if (character === quote) quote = '';
      continue;
    }
    // A quote or bracket opens something only where a value may start.
    const startsValue = /[\s,:[{-]/.test(previous);
    if (character === '#' && /\s/.test(previous)) break;
    if ((character === '"' || character === "'") && startsValue) quote = character;
    else if ((character === '[' || character === '{') && (depth > 0 || startsValue)) depth++;
    else if ((character === ']' || character === '}') && depth > 0) depth--;
  }
  return { depth, quote };
}
