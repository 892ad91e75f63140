export interface ChartPoint {
  readonly at: Date;
  readonly value: number;
}

/** Cuts where nothing was measured for more than two steps: a line across would tell of what nobody knows. */
export function inStretches(points: readonly ChartPoint[], step: number): ChartPoint[][] {
  const stretches: ChartPoint[][] = [];
  let before: ChartPoint | undefined;
  for (const point of points) {
    const current = stretches.at(-1);
    const gap = before === undefined ? 0 : point.at.getTime() - before.at.getTime();
    if (current === undefined || gap > 2_500 * step) stretches.push([point]);
    else current.push(point);
    before = point;
  }
  return stretches;
}

/** The point that is nearest in time; null where there is none. */
export function nearest(points: readonly ChartPoint[], at: Date): ChartPoint | null {
  const away = (point: ChartPoint) => Math.abs(point.at.getTime() - at.getTime());
  return points.reduce<ChartPoint | null>(
    (best, point) => (best === null || away(point) < away(best) ? point : best),
    null,
  );
}
