import type { ReactNode } from 'react';
import { classes } from './classes.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ReactNode;
  /** Short, and never broken into lines: a size, a share. */
  readonly tight?: boolean;
  /** Hidden below the width of a tablet. */
  readonly wide?: boolean;
}

/** Rows with a caption for those who hear the page; it scrolls by itself on a narrow screen. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string | number;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable)
    <section className="fade-x overflow-x-auto" tabIndex={0} aria-label={caption}>
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-muted">
            {columns.map((column) => (
              <th
                key={column.title}
                scope="col"
                className={classes('px-2 py-2 font-medium', column.wide && 'hidden md:table-cell')}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line last:border-0 hover:bg-raised">
              {columns.map((column) => (
                <td
                  key={column.title}
                  className={classes(
                    'px-2 py-2 align-middle',
                    column.wide && 'hidden md:table-cell',
                    column.tight && 'whitespace-nowrap',
                  )}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
