import type { ConfigMessage } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { build as text } from '../../text/build.ts';
import { Section } from '../../ui/layout.tsx';
import { lineId, MAIN_FILE } from './lines.ts';

const LOOKS: Readonly<Record<string, string>> = {
  error: 'bg-bad-soft text-bad',
  alert: 'bg-bad-soft text-bad',
  warn: 'bg-warn-soft text-warn',
};

/** What there is to say about the configuration, each with the way to its line. */
export function BuildMessages({ messages }: { messages: readonly ConfigMessage[] }) {
  if (messages.length === 0) return null;
  return (
    <Section title={text.messages}>
      <ul className="flex flex-col gap-2 text-sm">
        {messages.map((message) => {
          const { level, line, column, key, code, source = MAIN_FILE } = message;
          return (
            <li
              key={[source, line, column, key, code].join(' ')}
              className="flex flex-wrap items-baseline gap-x-3 gap-y-1"
            >
              <span
                className={`rounded-full px-2 py-0.5 text-xs font-medium ${LOOKS[level] ?? 'bg-idle-soft text-idle'}`}
              >
                {text.levels[level] ?? level}
              </span>
              <span className="min-w-0 flex-1 basis-64 break-words">{message.text}</span>
              <Link
                to="."
                hash={lineId(source, line)}
                className="font-mono text-xs text-accent underline underline-offset-2"
              >
                {text.line(source, line)}
              </Link>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
