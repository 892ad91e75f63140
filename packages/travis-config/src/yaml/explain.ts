/** What the parser's sentences, which are about YAML's grammar, mean to who wrote the file, and what to do. */
const explanations: readonly (readonly [RegExp, string])[] = [
  [/^Missing closing "/, 'A text that begins with a double quote is never closed.'],
  [/^Missing closing '/, 'A text that begins with a single quote is never closed.'],
  [
    /^Flow sequence in block/,
    'A list that begins with [ is not closed by ], or its lines are not indented.',
  ],
  [
    /^Flow map in block/,
    'A map that begins with { is not closed by }, or its lines are not indented.',
  ],
  [
    /^Nested mappings are not allowed in compact/,
    'A value on the same line must not hold "key: value" again: put it in quotes, or give the next key the indentation of its neighbours.',
  ],
  [
    /^(?:Implicit map keys need|Implicit keys need to be on a single line)/,
    'This line is no "key: value": a colon with a blank after it, or the indentation, is missing.',
  ],
  [
    /^All (?:mapping|sequence) items must start at the same column/,
    'This line is indented neither as those before it nor as anything above them.',
  ],
  [
    /^Alias cannot be an empty/,
    'A * stands for an anchor: put a text that begins with it in quotes.',
  ],
  [/^Anchor cannot be an empty/, 'An & names an anchor: put a text that begins with it in quotes.'],
  [
    /^Unexpected scalar at node end/,
    'There is more text behind the end of the value: put all of it in quotes.',
  ],
  [
    /^Unexpected block-seq-ind on same line/,
    'A list that is written with - begins on the line after its key.',
  ],
  [/^Tabs are not allowed/, 'Tabs are not allowed as indentation: use blanks.'],
];

const specialStart =
  /^Plain value cannot start with (?:reserved character|\w+ indicator character|\w+ \w+) (.)/;
const closing = /^Unexpected flow-(?:seq|map)-end token/;

/** A sentence for a message of the `yaml` package; messages that say enough stay as they are. */
export function explain(message: string): string {
  const [first = message] = message.split('\n');
  const found = explanations.find(([pattern]) => pattern.test(first));
  if (found) return found[1];
  const [, character] = specialStart.exec(first) ?? [];
  if (character !== undefined) return `A text that begins with ${character} must be in quotes.`;
  if (closing.test(first))
    return 'A bracket is closed here that was never opened: put the text in quotes if it belongs to it.';
  return first.endsWith('.') ? first : `${first}.`;
}
