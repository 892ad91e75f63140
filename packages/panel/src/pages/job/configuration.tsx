import type { Job } from '@sluice/contract';
import { job as text } from '../../text/job.ts';

/** What of the configuration this job was made from. */
export function JobConfiguration({ job }: { job: Job }) {
  return (
    <details className="rounded-lg border border-line bg-surface">
      <summary className="px-4 py-3 text-sm font-semibold">{text.configuration}</summary>
      <div className="border-t border-line p-4">
        <p className="mb-2 text-sm text-muted">{text.configurationText}</p>
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="max-h-96 overflow-auto rounded-md bg-raised px-3 py-2 font-mono text-xs"
        >
          {JSON.stringify(job.config, null, 2)}
        </pre>
      </div>
    </details>
  );
}
