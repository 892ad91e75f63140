import type { AuditEntry } from '../../accounts/index.ts';

export type ExportFormat = 'csv' | 'jsonl';

export const EXPORT_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson; charset=utf-8',
};

const COLUMNS = ['sequence', 'at', 'actor', 'action', 'target', 'details', 'hash'] as const;

/** The file, piece by piece: CSV as RFC 4180 has it, or one JSON object a line. */
export async function* exportText(
  pieces: AsyncIterable<readonly AuditEntry[]>,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${COLUMNS.join(',')}\r\n`;
  for await (const entries of pieces) {
    yield entries.map(format === 'csv' ? csvLine : jsonLine).join('');
  }
}

const jsonLine = (entry: AuditEntry): string => `${JSON.stringify(entry)}\n`;

const csvLine = (entry: AuditEntry): string =>
  `${COLUMNS.map((name) => cell(entry[name])).join(',')}\r\n`;

function cell(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // A spreadsheet would run text that begins like a formula; who acts and what they name is not ours to trust.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
