import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { logs } from '../../text/logs.ts';
import { classes } from '../classes.ts';
import { ErrorNote } from '../notes.tsx';
import { type Outcome, withLineOpen } from './folding.ts';
import type { LineRange } from './hash.ts';
import { MOST_WRAPPED_ROWS } from './heights.ts';
import { LogAnnouncer } from './log-announcer.tsx';
import { LogLines } from './log-lines.tsx';
import { LogStatus } from './log-status.tsx';
import { LogToolbar } from './log-toolbar.tsx';
import type { LogSource } from './source.ts';
import { useFolds, useHeights } from './use-layout.ts';
import { useLineChoice } from './use-line-choice.ts';
import { useLogKeys } from './use-log-keys.ts';
import { useScroll } from './use-scroll.ts';
import { useSearch } from './use-search.ts';
import { useSetting } from './use-setting.ts';

/**
 * A log of any length: only what is in sight is drawn and fetched. It opens at its end, where the outcome stands, or at
 * the line that the address names.
 */
export function LogViewer({
  source,
  outcome,
  label = logs.label,
}: {
  source: LogSource;
  /** Decides which folds are open. */
  outcome: Outcome;
  label?: string;
}) {
  const state = useSyncExternalStore(source.subscribe, source.state);
  useEffect(() => source.start(), [source]);

  const scroller = useRef<HTMLElement>(null);
  const searchInput = useRef<HTMLInputElement>(null);
  const [times, setTimes] = useSetting('log-times');
  const [wantsWrap, setWrap] = useSetting('log-wrap');
  const [following, setFollowing] = useState(() => location.hash === '');
  const [seen, setSeen] = useState(0);

  const digits = Math.max(3, String(state.total).length);
  const folds = useFolds(state, outcome);
  const { rows } = folds;
  const heights = useHeights(scroller, source, state, folds, { wrap: wantsWrap, times, digits });
  const pause = () => {
    setFollowing(false);
    setSeen(state.total);
  };
  const scroll = useScroll(scroller, heights, rows.count, (move) => {
    if (move === 'end') setFollowing(true);
    else if (following) pause();
  });

  /** A line to be shown once the rows are those in which it can be seen. */
  const [goal, setGoal] = useState<{ line: number; center: boolean } | null>(null);
  const show = useCallback(
    (line: number, center = true) => {
      folds.setChoices((before) => withLineOpen(before, state.folds, line));
      setGoal({ line, center });
    },
    [folds.setChoices, state.folds],
  );
  const visit = (range: LineRange) => {
    pause();
    show(range.first);
  };
  const choice = useLineChoice(visit);
  const search = useSearch(
    source,
    () => rows.lineOf(scroll.first),
    (line) => {
      pause();
      show(line);
    },
  );

  // Once the log is known: the line that the address names, with the folds around it open.
  const wasReady = useRef(false);
  useLayoutEffect(() => {
    if (!state.ready || wasReady.current) return;
    wasReady.current = true;
    if (choice.range !== null) show(choice.range.first);
  });

  useLayoutEffect(() => {
    if (goal === null || !state.ready) return;
    scroll.to(rows.rowOf(Math.min(goal.line, state.total)), goal.center ? 'center' : 'nearest');
    setGoal(null);
  });

  // What is above may grow or be folded away: the line at the upper edge stays where it is, the end stays in sight.
  const anchor = useRef({ line: 1, below: 0 });
  const laidOut = useRef({ heights, viewport: scroll.viewport });
  useLayoutEffect(() => {
    if (laidOut.current.heights !== heights || laidOut.current.viewport !== scroll.viewport) {
      laidOut.current = { heights, viewport: scroll.viewport };
      if (following) scroll.toEnd();
      else scroll.toOffset(heights.top(rows.rowOf(anchor.current.line)) + anchor.current.below);
      return;
    }
    const row = heights.rowAt(scroll.offset);
    anchor.current = { line: rows.lineOf(row), below: scroll.offset - heights.top(row) };
  });

  useEffect(() => {
    if (rows.count > 0) source.need(rows.lineOf(scroll.first), rows.lineOf(scroll.last));
  });

  const toEnd = () => {
    setFollowing(true);
    scroll.toEnd();
  };
  const toTop = () => {
    pause();
    scroll.to(0, 'start');
  };
  const onKeyDown = useLogKeys({
    ...{ source, state, rows, choice, search, toTop, toEnd, show, pause },
    chosenFold: () => {
      const fold = choice.range === null ? undefined : folds.byLine.get(choice.range.last);
      if (fold !== undefined) folds.toggle(fold);
    },
    firstLine: () => rows.lineOf(heights.rowAt(scroll.offset)),
    focusSearch: () => searchInput.current?.focus(),
    follow: () => (following ? pause() : toEnd()),
  });

  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface">
      <LogToolbar
        {...{ search, searchInput, times }}
        onLeaveSearch={() => scroller.current?.focus()}
        onTimes={() => setTimes(!times)}
        wrap={heights.wraps}
        canWrap={rows.count <= MOST_WRAPPED_ROWS}
        onWrap={() => setWrap(!wantsWrap)}
        allOpen={folds.allOpen}
        onAllFolds={folds.setAll}
        onTop={toTop}
        onEnd={toEnd}
        download={source.download}
      />
      {state.error !== null && (
        <div className="p-2">
          <ErrorNote error={state.error} />
        </div>
      )}
      <section
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable)
        tabIndex={0}
        aria-label={label}
        aria-keyshortcuts="/ n j k c f o"
        data-following={following}
        onScroll={scroll.onScroll}
        onKeyDown={onKeyDown}
        className={classes(
          // One that is complete takes no more room than it needs; one that grows would push the page about.
          state.ended ? 'max-h-[70dvh]' : 'h-[70dvh]',
          'relative min-h-72 overflow-auto bg-log font-mono text-[13px] leading-[24px] text-log-ink [overflow-anchor:none] focus-visible:-outline-offset-2',
        )}
      >
        <LogLines
          {...{ source, state, rows, heights, folds, scroll, digits, choice, search, times }}
        />
      </section>
      <LogStatus
        {...{ source, state, choice, following, toEnd }}
        fresh={Math.max(0, state.total - seen)}
      />
      <LogAnnouncer source={source} active={following && state.ready && !state.ended} />
    </div>
  );
}
