/**
 * Where a very tall list stands that is taller than any element can be. The scrollbar covers `physical` pixels, the list
 * `total`. Small movements are followed pixel by pixel, large ones (the scrollbar is dragged) in proportion.
 */
export interface ScrollPlace {
  /** Of the element. */
  readonly physical: number;
  /** Of the list: what stands at the upper edge. */
  readonly virtual: number;
}

export interface Extent {
  readonly total: number;
  readonly viewport: number;
}

/** Chromium allows 33 million, Firefox 17. */
export const MOST_PIXELS = 6_000_000;

export const physicalHeight = ({ total }: Extent): number => Math.min(total, MOST_PIXELS);

const range = (height: number, { viewport }: Extent): number => Math.max(0, height - viewport);

/** The place that shows `virtual` at the upper edge. */
export function placeAt(virtual: number, extent: Extent): ScrollPlace {
  const most = range(extent.total, extent);
  const at = Math.min(Math.max(0, virtual), most);
  if (extent.total <= MOST_PIXELS) return { physical: at, virtual: at };
  const physical = Math.round((at / most) * range(physicalHeight(extent), extent));
  return { physical, virtual: at };
}

/** Where the list stands after the element has been scrolled to `physical`. */
export function scrolledTo(physical: number, before: ScrollPlace, extent: Extent): ScrollPlace {
  if (extent.total <= MOST_PIXELS) return placeAt(physical, extent);
  const most = range(extent.total, extent);
  const step = physical - before.physical;
  if (Math.abs(step) < extent.viewport * 3) {
    const virtual = Math.min(Math.max(0, before.virtual + step), most);
    return { physical, virtual };
  }
  return { physical, virtual: (physical / range(physicalHeight(extent), extent)) * most };
}

/** True when the scrollbar is at an end and the list is not, or the other way round: then it has to be set right at once. */
export function isAskew(place: ScrollPlace, extent: Extent): boolean {
  const right = placeAt(place.virtual, extent).physical;
  const last = range(physicalHeight(extent), extent);
  const isAtEnd = place.physical <= 0 || place.physical >= last - 1;
  return isAtEnd && Math.abs(right - place.physical) > 1;
}
