/** A line or a range of lines, first and last. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** `#L10` or `#L10-L20`, as it stands in addresses. */
export function parseHash(hash: string): LineRange | null {
  const match = /^#?L(\d{1,9})(?:-L?(\d{1,9}))?$/.exec(hash);
  if (match === null) return null;
  const one = Number(match[1]);
  const other = Number(match[2] ?? match[1]);
  return one < 1 || other < 1 ? null : { first: Math.min(one, other), last: Math.max(one, other) };
}

export const formatHash = ({ first, last }: LineRange): string =>
  first === last ? `#L${first}` : `#L${first}-L${last}`;
