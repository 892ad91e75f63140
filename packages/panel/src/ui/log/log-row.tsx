import type { LogFold } from '@sluice/contract';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type MouseEvent, memo } from 'react';
import { logs } from '../../text/logs.ts';
import { classes } from '../classes.ts';
import { durationText, exactTime } from '../time.tsx';
import { ROW_HEIGHT } from './heights.ts';
import { type LineText, markRanges, occurrences } from './line-text.ts';
import { shownLine } from './shown-line.ts';
import type { SourceLine } from './source.ts';

const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export interface LogRowProps {
  readonly number: number;
  readonly line: SourceLine | undefined;
  /** The fold that begins here. */
  readonly fold: LogFold | undefined;
  readonly isOpen: boolean;
  readonly durationMs: number | null;
  readonly height: number;
  /** Width of the line numbers, in characters. */
  readonly digits: number;
  readonly withTime: boolean;
  readonly wrap: boolean;
  readonly chosen: boolean;
  readonly query: string;
  /** The match that one has gone to. */
  readonly current: boolean;
  readonly onChoose: (number: number, extend: boolean) => void;
  readonly onToggle: (fold: LogFold) => void;
}

/** One line of a log. */
export const LogRow = memo(function LogRow(props: LogRowProps) {
  const { number, line, fold, height, digits, withTime, wrap, chosen, durationMs } = props;
  const choose = (event: MouseEvent) => {
    event.preventDefault();
    props.onChoose(number, event.shiftKey);
  };
  return (
    <div
      data-line={number}
      data-chosen={chosen || undefined}
      style={{ height }}
      className={classes(
        'relative flex min-w-full pr-[2ch]',
        wrap ? 'w-full' : 'w-max',
        chosen ? 'bg-[#3b3413]' : 'hover:bg-white/5',
        props.current && 'outline outline-1 -outline-offset-1 outline-[#f2c65c]',
      )}
    >
      <a
        href={`#L${number}`}
        tabIndex={-1}
        aria-label={logs.line(number)}
        onClick={choose}
        style={{ width: `${digits + 2}ch` }}
        className="shrink-0 pr-[1ch] text-right text-[#8fa1b3] no-underline select-none hover:text-white"
      >
        {number}
      </a>
      {withTime && <ArrivalTime at={line?.at ?? null} />}
      {fold === undefined ? (
        <>
          <span className="w-[2ch] shrink-0" />
          <Text line={line} wrap={wrap} query={props.query} />
        </>
      ) : (
        <FoldButton {...props} fold={fold} />
      )}
      {durationMs !== null && (
        <span className="sticky right-1 ml-[2ch] self-start rounded bg-[#2b3947] px-[1ch] text-xs leading-[24px] whitespace-nowrap text-[#dce4ec] select-none">
          {durationText(durationMs)}
        </span>
      )}
    </div>
  );
});

function ArrivalTime({ at }: { at: string | null }) {
  const date = at === null ? null : new Date(at);
  return (
    <time
      dateTime={at ?? undefined}
      title={date === null ? undefined : exactTime(date)}
      className="w-[10ch] shrink-0 text-[#8fa1b3] select-none"
    >
      {date === null ? '' : clock.format(date)}
    </time>
  );
}

function FoldButton({
  fold,
  line,
  isOpen,
  query,
  onToggle,
}: LogRowProps & { readonly fold: LogFold }) {
  const hidden = fold.end === null ? null : fold.end - fold.start;
  const isSection = line?.text.startsWith('=====') ?? true;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={() => onToggle(fold)}
      style={{ height: ROW_HEIGHT }}
      className="flex items-start overflow-hidden text-left whitespace-pre focus-visible:-outline-offset-2"
    >
      <Chevron aria-hidden className="mt-1 size-4 w-[2ch] shrink-0" />
      {line === undefined || isSection ? (
        <span className="font-semibold">{fold.title}</span>
      ) : (
        <span className="font-semibold">
          <Pieces text={shownLine(line).text} query={query} />
        </span>
      )}
      {!isOpen && hidden !== null && (
        <span className="ml-[2ch] text-[#8fa1b3]">{logs.foldLines(hidden)}</span>
      )}
    </button>
  );
}

function Text({
  line,
  wrap,
  query,
}: {
  line: SourceLine | undefined;
  wrap: boolean;
  query: string;
}) {
  if (line === undefined) {
    return <span aria-hidden className="my-1.5 h-2 w-[20ch] rounded bg-white/10" />;
  }
  return (
    <span className={wrap ? 'min-w-0 flex-1 break-all whitespace-break-spaces' : 'whitespace-pre'}>
      <Pieces text={shownLine(line).text} query={query} />
    </span>
  );
}

function Pieces({ text, query }: { text: LineText; query: string }) {
  const ranges = occurrences(text.plain, query);
  const pieces =
    ranges.length === 0
      ? text.segments.map((segment) => ({ ...segment, marked: false }))
      : markRanges(text.segments, ranges);
  return pieces.map(({ text: piece, style, marked }, index) => {
    if (marked) {
      return (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one line have no other name and never move
        <mark key={index} className="bg-[#f2c65c] text-[#11181f]">
          {piece}
        </mark>
      );
    }
    return style === null ? (
      piece
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one line have no other name and never move
      <span key={index} style={style}>
        {piece}
      </span>
    );
  });
}
