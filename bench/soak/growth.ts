import { median } from '../lib.ts';
import type { Sample } from './samples.ts';

/** How the memory and the descriptors of one process went, from when it was warm until it ended. */
export interface Growth {
  readonly name: string;
  readonly pid: number;
  /** How long it was watched while warm. */
  readonly minutes: number;
  /** Medians of the first and the last third. */
  readonly mib: { readonly first: number; readonly last: number };
  readonly descriptors: { readonly first: number; readonly last: number };
  /** Least squares, in MiB a minute. */
  readonly mibPerMinute: number;
}

/** A process that has just started fills its caches. */
const WARM_AFTER_MS = 90_000;
/** Less says nothing: the collector of a busy Node lets tens of MiB come and go. */
const WATCHED_MINUTES = 4;
const ROOM_MIB = 96;
const ROOM_RATIO = 1.5;
const ROOM_DESCRIPTORS = 64;

/** Of every process that lived long enough to tell. */
export function growthOf(samples: readonly Sample[]): Growth[] {
  const processes = Map.groupBy(samples, ({ name, pid }) => `${name} ${pid}`);
  return [...processes.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const warm = all.filter(({ at }) => at >= first.at + WARM_AFTER_MS);
    const minutes = ((warm.at(-1)?.at ?? 0) - (warm[0]?.at ?? 0)) / 60_000;
    if (minutes < WATCHED_MINUTES) return [];
    const third = Math.ceil(warm.length / 3);
    const ends = (of: (sample: Sample) => number) => ({
      first: median(warm.slice(0, third).map(of)),
      last: median(warm.slice(-third).map(of)),
    });
    return {
      ...{ name: first.name, pid: first.pid, minutes },
      mib: ends(({ mib }) => mib),
      descriptors: ends((sample) => sample.descriptors),
      mibPerMinute: slope(warm.map(({ at, mib }) => ({ x: at / 60_000, y: mib }))),
    };
  });
}

/** What of it is too much; a tolerance, since a garbage collector decides for itself when to collect. */
export function tooMuch({ name, minutes, mib, descriptors, mibPerMinute }: Growth): string[] {
  const text = (value: number) => value.toFixed(1);
  const grewMib = mib.last > mib.first * ROOM_RATIO && mib.last > mib.first + ROOM_MIB;
  const grewOpen = descriptors.last > descriptors.first + ROOM_DESCRIPTORS;
  return [
    ...(grewMib
      ? [
          `${name} grew from ${text(mib.first)} to ${text(mib.last)} MiB in ${text(minutes)} minutes, ${text(mibPerMinute)} MiB a minute`,
        ]
      : []),
    ...(grewOpen
      ? [`${name} had ${descriptors.first} descriptors open and then ${descriptors.last}`]
      : []),
  ];
}

/** Least squares. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const mean = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const above = mean((point) => (point.x - x) * (point.y - y));
  return above / mean((point) => (point.x - x) ** 2);
}
