import { useEffect, useRef, useState } from 'react';
import { logs } from '../../text/logs.ts';
import { shownLine } from './shown-line.ts';
import type { LogSource } from './source.ts';

const EVERY_MS = 5_000;
const MOST_CHARACTERS = 200;

/** Tells those who hear the page what is new in a log, not more often than one can listen. */
export function LogAnnouncer({ source, active }: { source: LogSource; active: boolean }) {
  const [text, setText] = useState('');
  const told = useRef<number | null>(null);
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => {
      const { total, ready } = source.state();
      if (!ready) return;
      const before = told.current;
      told.current = total;
      if (before === null || total <= before) return;
      const line = source.line(total);
      const last = line === undefined ? '' : shownLine(line).text.plain.slice(0, MOST_CHARACTERS);
      setText(logs.announced(total - before, last));
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [source, active]);
  return (
    <div role="log" aria-live="polite" aria-label={logs.live} className="sr-only">
      {text}
    </div>
  );
}
