import { styleText } from 'node:util';

const paint = (style: 'bold' | 'cyan' | 'green' | 'red' | 'dim', text: string): string =>
  process.stdout.isTTY && !process.env['NO_COLOR'] ? styleText(style, text) : text;

let step = 0;

/** The demo's voice. */
export const say = {
  title: (text: string) => console.log(paint('bold', text)),
  step: (text: string) => {
    step += 1;
    console.log(`\n${paint('cyan', `── ${step}.`)} ${paint('bold', text)}`);
  },
  command: (words: readonly string[]) => console.log(paint('dim', `$ ${words.join(' ')}`)),
  line: (text: string) => console.log(text),
  good: (text: string) => console.log(`${paint('green', '✓')} ${text}`),
  bad: (text: string) => console.error(`${paint('red', '✗')} ${text}`),
};
