import type { BuildDetail, ConfigMessage } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useRouterState } from '@tanstack/react-router';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { buildSourceQuery } from '../../api/builds.ts';
import { build as text } from '../../text/build.ts';
import { Button } from '../../ui/button.tsx';
import { classes } from '../../ui/classes.ts';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { lineId, MAIN_FILE, readLineId } from './lines.ts';

/** The configuration as it was written and as it was understood. Read when somebody wants it, or a link names a line. */
export function BuildSourceView({ build }: { build: BuildDetail }) {
  const hash = useRouterState({ select: ({ location }) => location.hash });
  const named = readLineId(hash);
  const [asWritten, setAsWritten] = useState(false);
  const [asUnderstood, setAsUnderstood] = useState(false);
  const isWritten = asWritten || named !== null;
  return (
    <Section
      title={text.configuration}
      actions={
        <>
          <Button
            kind="quiet"
            aria-expanded={isWritten}
            disabled={named !== null}
            onClick={() => setAsWritten((is) => !is)}
          >
            {text.asWritten}
          </Button>
          <Button
            kind="quiet"
            aria-expanded={asUnderstood}
            onClick={() => setAsUnderstood((is) => !is)}
          >
            {text.asUnderstood}
          </Button>
        </>
      }
    >
      {!isWritten && !asUnderstood && (
        <p className="text-sm text-muted">{text.configurationText}</p>
      )}
      {isWritten && <Files id={build.id} messages={build.messages} named={named} />}
      {asUnderstood && (
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="mt-2 max-h-128 overflow-auto rounded-md bg-raised p-3 font-mono text-xs"
        >
          {JSON.stringify(build.config, null, 2)}
        </pre>
      )}
    </Section>
  );
}

function Files({
  id,
  messages,
  named,
}: {
  id: number;
  messages: readonly ConfigMessage[];
  named: { file: string; line: number } | null;
}) {
  const source = useQuery(buildSourceQuery(id));
  const target = useRef<HTMLLIElement>(null);
  const place = named === null ? '' : lineId(named.file, named.line);
  const isRead = source.data !== undefined;
  useEffect(() => {
    if (place === '' || !isRead) return;
    target.current?.scrollIntoView({ block: 'center' });
    target.current?.focus({ preventScroll: true });
  }, [place, isRead]);
  if (source.isPending) return <Loading />;
  if (source.isError) {
    return <ErrorNote error={source.error} retry={() => void source.refetch()} />;
  }
  if (source.data.files.length === 0) {
    return <p className="text-sm text-muted">{text.sourceGone}</p>;
  }
  return source.data.files.map(({ name, text: content }) => (
    <figure key={name} className="mb-4 last:mb-0">
      <figcaption className="mb-1 font-mono text-xs text-muted">{name}</figcaption>
      <Lines
        name={name}
        lines={content.replace(/\n$/, '').split('\n')}
        messages={messages.filter(({ source: of = MAIN_FILE }) => of === name)}
        named={named?.file === name ? named.line : null}
        target={target}
      />
    </figure>
  ));
}

function Lines({
  name,
  lines,
  messages,
  named,
  target,
}: {
  name: string;
  lines: readonly string[];
  messages: readonly ConfigMessage[];
  named: number | null;
  target: RefObject<HTMLLIElement | null>;
}) {
  return (
    <ol
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={text.sourceOf(name)}
      className="overflow-x-auto rounded-md border border-line bg-surface py-2 font-mono text-xs leading-5"
    >
      {lines.map((line, index) => {
        const number = index + 1;
        const remarks = messages.filter((message) => message.line === number);
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of a commit never move
            key={index}
            id={lineId(name, number)}
            ref={number === named ? target : null}
            tabIndex={number === named ? -1 : undefined}
            aria-current={number === named ? 'location' : undefined}
            className={classes(
              'flex min-w-max gap-4 px-3',
              remarks.length > 0 && 'bg-warn-soft',
              number === named && 'bg-accent-soft outline-2 outline-accent',
            )}
          >
            <span aria-hidden className="w-8 shrink-0 text-right text-muted select-none">
              {number}
            </span>
            <span className="whitespace-pre">{line === '' ? ' ' : line}</span>
            {remarks.map((remark) => (
              <span key={remark.code} className="font-sans text-warn">
                ← {remark.text}
              </span>
            ))}
          </li>
        );
      })}
    </ol>
  );
}
