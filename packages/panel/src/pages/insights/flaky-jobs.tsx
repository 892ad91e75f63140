import type { Insights } from '@sluice/contract';
import { insightsText as text } from '../../text/insights.ts';
import { Section } from '../../ui/layout.tsx';
import { TextLink } from '../../ui/link.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

export function FlakyJobs({ jobs }: { jobs: Insights['flaky_jobs'] }) {
  return (
    <Section title={text.flaky}>
      <p className="mb-3 max-w-prose text-sm text-muted">{text.flakyText}</p>
      {jobs.length === 0 ? (
        <p className="text-sm">{text.flakyNone}</p>
      ) : (
        <Table
          caption={text.flakyList}
          rows={jobs}
          rowKey={({ name }) => name}
          columns={[
            {
              title: text.job,
              cell: ({ name, job }) => (
                <TextLink to="/jobs/$job" params={{ job: String(job) }}>
                  {name}
                </TextLink>
              ),
            },
            { title: text.flips, cell: ({ flips, runs }) => text.flipsValue(flips, runs) },
            { title: text.lastChange, cell: ({ last_at }) => <Time at={last_at} /> },
          ]}
        />
      )}
    </Section>
  );
}
