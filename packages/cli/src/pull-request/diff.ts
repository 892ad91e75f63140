import type { PullRequestDiff } from '@sluice/contract';
import { printable, table } from '../ui/table.ts';
import type { Terminal } from '../ui/terminal.ts';

/** A unified diff, or with `stat` only the files and how much of them changed. */
export function printDiff(
  terminal: Pick<Terminal, 'print' | 'note' | 'style'>,
  diff: PullRequestDiff,
  stat: boolean,
): void {
  if (stat) {
    const rows = diff.files.map((file) => [
      file.status,
      file.additions === null ? 'binary' : `+${file.additions} -${file.deletions ?? 0}`,
      file.previous_path === null ? file.path : `${file.previous_path} -> ${file.path}`,
    ]);
    for (const line of table(['', 'LINES', 'FILE'], rows)) terminal.print(line);
  } else {
    for (const file of diff.files) {
      terminal.print(terminal.style('bold', `--- ${printable(file.previous_path ?? file.path)}`));
      terminal.print(terminal.style('bold', `+++ ${printable(file.path)}`));
      if (file.patch === null) terminal.print(file.additions === null ? 'binary' : '(too long)');
      else for (const line of file.patch.split('\n')) terminal.print(coloured(terminal, line));
    }
  }
  if (diff.files.length < diff.count) {
    terminal.note(`${diff.count - diff.files.length} more files are not shown.`);
  }
}

function coloured(terminal: Pick<Terminal, 'style'>, line: string): string {
  // Tabs belong to code; everything else that moves the cursor does not.
  const text = line.split('\t').map(printable).join('\t');
  if (line.startsWith('+')) return terminal.style('green', text);
  if (line.startsWith('-')) return terminal.style('red', text);
  return line.startsWith('@@') ? terminal.style('cyan', text) : text;
}
