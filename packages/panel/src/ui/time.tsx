import { useEffect, useState } from 'react';

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** The server's clock may be ahead of the reader's. */
const CLOCKS_APART = 10;

/** `5 minutes ago`, `in 2 hours`; under a minute it is `just now`, or `in a moment`. */
export function timeAgo(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1_000;
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return seconds > CLOCKS_APART ? 'in a moment' : 'just now';
}

/** The reader's own time zone, which it names. */
export const exactTime = (at: Date): string => exact.format(at);

/** The time now, again every `everyMs`. */
export function useNow(everyMs: number): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** How long ago, with the exact time in the reader's zone on hover. `at` is ISO 8601. */
export function Time({ at }: { at: string }) {
  const date = new Date(at);
  const now = useNow(15_000);
  return (
    <time dateTime={at} title={exactTime(date)} className="whitespace-nowrap">
      {timeAgo(date, now)}
    </time>
  );
}

/** `1 h 4 min`, `2 min 5 s`, `3.2 s`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} days`;
}

/** The time between two moments; without an end it goes on counting. */
export function Duration({ from, to }: { from: string; to: string | null }) {
  return to === null ? (
    <Running from={from} />
  ) : (
    <span>{durationText(new Date(to).getTime() - new Date(from).getTime())}</span>
  );
}

function Running({ from }: { from: string }) {
  const now = useNow(1_000);
  const elapsed = Math.floor((now.getTime() - new Date(from).getTime()) / 1_000) * 1_000;
  return (
    <span>{elapsed < 10_000 ? `${Math.max(0, elapsed / 1_000)} s` : durationText(elapsed)}</span>
  );
}
