import type { PullRequest, PullRequestDiff } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { pullDiffQuery } from '../../api/pulls.ts';
import { pulls as text } from '../../text/pulls.ts';
import { classes } from '../../ui/classes.ts';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading, Note } from '../../ui/notes.tsx';

type File = PullRequestDiff['files'][number];

/** What the pull request changes, file by file; folded where there are many. */
export function Diff({ pull }: { pull: PullRequest }) {
  const found = useQuery(pullDiffQuery(pull.application, pull.uuid, pull.head.sha));
  const { data } = found;
  return (
    <Section title={text.changes}>
      <ErrorNote error={found.error} retry={() => void found.refetch()} />
      {found.isPending && <Loading lines={4} />}
      {data?.truncated === true && <Note>{text.truncated}</Note>}
      {data?.files.map((file) => (
        <details key={file.path} open={data.files.length <= 10} className="mb-3">
          <summary className="cursor-pointer text-sm">
            <span className="font-mono break-all">
              {file.previous_path === null ? file.path : `${file.previous_path} → ${file.path}`}
            </span>{' '}
            <span className="text-muted">{summary(file)}</span>
          </summary>
          {file.patch !== null && <Patch file={file} patch={file.patch} />}
        </details>
      ))}
    </Section>
  );
}

function summary(file: File): string {
  if (file.additions === null) return text.binary;
  if (file.patch === null) return text.tooLong;
  return text.lines(file.additions, file.deletions ?? 0);
}

function Patch({ file, patch }: { file: File; patch: string }) {
  return (
    <section
      className="mt-2 overflow-x-auto rounded border border-line"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable)
      tabIndex={0}
      aria-label={file.path}
    >
      <pre className="min-w-max p-2 font-mono text-xs">
        {patch.split('\n').map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name but their place, and never move
          <div key={index} className={classes('whitespace-pre', look(line))}>
            {line === '' ? ' ' : line}
          </div>
        ))}
      </pre>
    </section>
  );
}

function look(line: string): string {
  if (line.startsWith('+')) return 'bg-good-soft text-good';
  if (line.startsWith('-')) return 'bg-bad-soft text-bad';
  return line.startsWith('@@') ? 'text-muted' : '';
}
