/** Escape sequences of terminals: CSI, OSC, and those of two characters. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
const MARKS = /travis_(?:fold|time):(?:start|end):[^\r\n]*(?:\r|$)/gm;

/** Text without the escape sequences of terminals. */
export const withoutEscapes = (text: string): string =>
  text.includes('\u001b') ? text.replace(ESCAPES, '') : text;

/** Text without marks of folds and times, and without what a mark leaves behind. */
export const withoutMarks = (text: string): string =>
  text.includes('travis_') ? text.replace(MARKS, '') : text;

/** What a reader sees of a line, without the space around it. */
export const plainText = (text: string): string => withoutMarks(withoutEscapes(text)).trim();
