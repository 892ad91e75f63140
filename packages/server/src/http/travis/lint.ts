import { TravisLint } from '@sluice/contract';
import { describe, lint, type Message } from '@sluice/travis-config';
import { Type } from 'typebox';
import type { App } from '../context.ts';

const schema = {
  summary: 'What is doubtful about a .travis.yml',
  tags: ['travis'],
  body: Type.Object({ content: Type.Optional(Type.String()) }),
  response: { 200: Type.Object({ lint: TravisLint }) },
};

/** `travis lint`: open to everyone, for it looks at nothing but the text that it is given. */
export function registerTravisLint(app: App): void {
  for (const method of ['POST', 'PUT'] as const) {
    app.route({
      method,
      url: '/lint',
      config: { public: true },
      schema,
      handler: async (request) => {
        const { content = '' } = request.body as { content?: string };
        return { lint: { warnings: warningsOf(content) } };
      },
    });
  }
}

function warningsOf(text: string): { key: string[]; message: string }[] {
  const { messages, error } = lint(text);
  const unreadable =
    error === undefined ? [] : [{ key: [], message: `${error.message} ${place(error)}` }];
  // `info` tells how something was understood; that is no warning.
  const doubtful = messages.filter(({ level }) => level !== 'info');
  return [...unreadable, ...doubtful.map(warning)];
}

function warning(message: Message): { key: string[]; message: string } {
  return {
    key: message.key === 'root' ? [] : message.key.split('.'),
    message: `${describe(message)} ${place(message)}`,
  };
}

const place = ({ line, column }: { line: number; column: number }) =>
  `(line ${line}, column ${column})`;
