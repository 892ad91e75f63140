import { filterOf } from '../lists.ts';

/** The numbers of `ids[]=1&ids[]=2`, `ids=1,2` or either form mixed; undefined: not asked for. */
export function idsOf(query: {
  readonly ids?: string | readonly string[];
  readonly 'ids[]'?: string | readonly string[];
}): number[] | undefined {
  const texts = [...(filterOf(query['ids[]']) ?? []), ...(filterOf(query.ids) ?? [])];
  if (texts.length === 0) return undefined;
  return texts
    .flatMap((text) => text.split(','))
    .map(Number)
    .filter((id) => Number.isSafeInteger(id) && id > 0);
}
