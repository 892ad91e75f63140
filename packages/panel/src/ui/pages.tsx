import { ChevronLeft, ChevronRight } from 'lucide-react';
import { common } from '../text/common.ts';
import { Button } from './button.tsx';

/** Leafs through a list; nothing where it is one page. */
export function Pages({
  page,
  size,
  count,
  onPage,
}: {
  /** From 1. */
  page: number;
  size: number;
  /** Of all entries. */
  count: number;
  onPage: (page: number) => void;
}) {
  const last = Math.max(1, Math.ceil(count / size));
  if (last === 1) return null;
  return (
    <nav aria-label={common.pages} className="mt-4 flex items-center justify-center gap-3 text-sm">
      <Button disabled={page <= 1} onClick={() => onPage(page - 1)}>
        <ChevronLeft aria-hidden className="size-4" />
        {common.newer}
      </Button>
      <span className="text-muted">{common.pageOf(page, last)}</span>
      <Button disabled={page >= last} onClick={() => onPage(page + 1)}>
        {common.older}
        <ChevronRight aria-hidden className="size-4" />
      </Button>
    </nav>
  );
}
