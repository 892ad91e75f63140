import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from 'react';
import type { Heights } from './heights.ts';
import { isAskew, physicalHeight, placeAt, type ScrollPlace, scrolledTo } from './scroll-math.ts';

const EXTRA_ROWS = 12;
/** After the reader has let go of it, the scrollbar is set to where it belongs. */
const SETTLED_MS = 150;

export interface Scroll {
  /** Rows to be shown, first and last; last is -1 when there are none. */
  readonly first: number;
  readonly last: number;
  /** Where the first of them stands in the element, in pixels. */
  readonly top: number;
  /** Height of what is scrolled. */
  readonly height: number;
  readonly onScroll: () => void;
  /** Shows a row: at the upper edge, in the middle, or wherever when it is seen already. */
  to(row: number, where: 'start' | 'center' | 'nearest'): void;
  toEnd(): void;
  toOffset(offset: number): void;
  /** What stands at the upper edge, in pixels of the list. */
  readonly offset: number;
  /** Height of the element. */
  readonly viewport: number;
}

/**
 * Shows those rows of a list that are in sight. `onReader` is told when the reader has scrolled, upwards or to the end;
 * what `to` and `toEnd` do is not told.
 */
export function useScroll(
  element: RefObject<HTMLElement | null>,
  heights: Heights,
  count: number,
  onReader: (move: 'up' | 'end') => void,
): Scroll {
  const [viewport, setViewport] = useState(600);
  const [place, setPlace] = useState<ScrollPlace>({ physical: 0, virtual: 0 });
  const current = useRef(place);
  const settle = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const extent = { total: heights.total, viewport };

  const put = useCallback((next: ScrollPlace) => {
    current.current = next;
    setPlace((before) =>
      before.physical === next.physical && before.virtual === next.virtual ? before : next,
    );
  }, []);

  /** Moves the list and its scrollbar. */
  const move = (virtual: number) => {
    const next = placeAt(virtual, extent);
    const scroller = element.current;
    if (scroller === null) return;
    scroller.scrollTop = next.physical;
    // Browsers keep fractions or whole pixels: what counts is where they say it is.
    put({ ...next, physical: scroller.scrollTop });
  };

  useLayoutEffect(() => {
    const scroller = element.current;
    if (scroller === null) return;
    const observer = new ResizeObserver(() => setViewport(scroller.clientHeight));
    observer.observe(scroller);
    setViewport(scroller.clientHeight);
    return () => observer.disconnect();
  }, [element]);

  const most = Math.max(0, heights.total - viewport);
  const onScroll = () => {
    const scroller = element.current;
    if (scroller === null || scroller.scrollTop === current.current.physical) return;
    const before = current.current;
    const next = scrolledTo(scroller.scrollTop, before, extent);
    put(next);
    if (next.virtual < before.virtual - 1) onReader('up');
    else if (next.virtual >= most - 2) onReader('end');
    if (isAskew(next, extent)) move(next.virtual);
    clearTimeout(settle.current);
    settle.current = setTimeout(() => {
      const right = placeAt(current.current.virtual, extent);
      if (Math.abs(right.physical - current.current.physical) > 1) move(current.current.virtual);
    }, SETTLED_MS);
  };

  const first = Math.max(0, heights.rowAt(place.virtual) - EXTRA_ROWS);
  const last = Math.min(count - 1, heights.rowAt(place.virtual + viewport) + EXTRA_ROWS);
  return {
    first,
    last,
    top: place.physical + heights.top(first) - place.virtual,
    height: physicalHeight(extent),
    onScroll,
    to: (row, where) => {
      const top = heights.top(row);
      const bottom = top + heights.height(row);
      const from = current.current.virtual;
      if (where === 'nearest' && top >= from && bottom <= from + viewport) return;
      if (where === 'center') move(top - viewport / 2);
      else if (where === 'nearest' && bottom > from + viewport) move(bottom - viewport);
      else move(top);
    },
    toEnd: () => move(most),
    toOffset: move,
    offset: place.virtual,
    viewport,
  };
}
