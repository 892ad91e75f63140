import {
  ArrowDownToLine,
  ArrowUpToLine,
  ChevronDown,
  ChevronsDownUp,
  ChevronsUpDown,
  ChevronUp,
  Clock,
  Download,
  Search,
  WrapText,
} from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { logs } from '../../text/logs.ts';
import { IconButton } from '../button.tsx';
import { classes } from '../classes.ts';
import type { LogSearch } from './use-search.ts';

export interface LogToolbarProps {
  readonly search: LogSearch;
  readonly searchInput: RefObject<HTMLInputElement | null>;
  /** Gives the focus back to the log. */
  readonly onLeaveSearch: () => void;
  readonly times: boolean;
  readonly onTimes: () => void;
  readonly wrap: boolean;
  readonly canWrap: boolean;
  readonly onWrap: () => void;
  /** Null without folds. */
  readonly allOpen: boolean | null;
  readonly onAllFolds: (open: boolean) => void;
  readonly onTop: () => void;
  readonly onEnd: () => void;
  readonly download: string | null;
}

/** What can be done with a log, above it. */
export function LogToolbar(props: LogToolbarProps) {
  const { allOpen } = props;
  return (
    <div className="flex flex-wrap items-center gap-1 border-b border-line px-2 py-1.5">
      <SearchBox {...props} />
      <div className="ml-auto flex flex-wrap items-center">
        {allOpen !== null && (
          <IconButton
            label={allOpen ? logs.closeAll : logs.openAll}
            onClick={() => props.onAllFolds(!allOpen)}
          >
            {allOpen ? (
              <ChevronsDownUp aria-hidden className="size-4" />
            ) : (
              <ChevronsUpDown aria-hidden className="size-4" />
            )}
          </IconButton>
        )}
        <Toggle label={logs.timestamps} pressed={props.times} onClick={props.onTimes}>
          <Clock aria-hidden className="size-4" />
        </Toggle>
        <Toggle
          label={props.canWrap ? logs.wrap : logs.cannotWrap}
          pressed={props.wrap}
          disabled={!props.canWrap}
          onClick={props.onWrap}
        >
          <WrapText aria-hidden className="size-4" />
        </Toggle>
        <IconButton label={logs.toTop} onClick={props.onTop}>
          <ArrowUpToLine aria-hidden className="size-4" />
        </IconButton>
        <IconButton label={logs.toEnd} onClick={props.onEnd}>
          <ArrowDownToLine aria-hidden className="size-4" />
        </IconButton>
        {props.download !== null && (
          <a
            href={props.download}
            download
            aria-label={logs.download}
            title={logs.download}
            className="inline-flex size-9 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-ink"
          >
            <Download aria-hidden className="size-4" />
          </a>
        )}
      </div>
    </div>
  );
}

function Toggle({
  label,
  pressed,
  disabled = false,
  onClick,
  children,
}: {
  label: string;
  pressed: boolean;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <IconButton
      label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
      className={classes(pressed && 'bg-accent-soft text-accent')}
    >
      {children}
    </IconButton>
  );
}

function SearchBox({ search, searchInput, onLeaveSearch }: LogToolbarProps) {
  const { found, busy, query } = search;
  const hasMatches = found !== null && found.lines.length > 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not known to older screen readers
    <div
      role="search"
      className="flex min-w-0 flex-1 basis-full items-center gap-1 sm:max-w-md sm:basis-auto"
    >
      <Search aria-hidden className="size-4 shrink-0 text-muted" />
      <input
        ref={searchInput}
        type="search"
        aria-label={logs.search}
        placeholder={logs.search}
        value={query}
        maxLength={500}
        onChange={(event) => search.setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') search.step(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape') onLeaveSearch();
          else return;
          event.preventDefault();
        }}
        className="min-h-9 w-full min-w-0 rounded-md border border-edge bg-surface px-2 text-sm text-ink placeholder:text-muted"
      />
      <span role="status" className="min-w-20 text-xs whitespace-nowrap text-muted">
        {busy
          ? logs.searching
          : hasMatches
            ? matchText(search)
            : found === null
              ? ''
              : logs.noMatches}
      </span>
      {hasMatches && (
        <>
          <IconButton
            label={logs.previousMatch}
            className="shrink-0"
            onClick={() => search.step(-1)}
          >
            <ChevronUp aria-hidden className="size-4" />
          </IconButton>
          <IconButton label={logs.nextMatch} className="shrink-0" onClick={() => search.step(1)}>
            <ChevronDown aria-hidden className="size-4" />
          </IconButton>
        </>
      )}
    </div>
  );
}

const matchText = ({ at, found }: LogSearch): string =>
  logs.match(at + 1, found?.lines.length ?? 0, found?.complete ?? true);
