import type { Artifact } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { artifactsQuery } from '../../api/jobs.ts';
import { artifacts as text } from '../../text/artifacts.ts';
import { bytesText } from '../../text/units.ts';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

const LINK = 'text-accent underline underline-offset-2';
/** Files that a job has left; nothing where it has left none. */
export function JobArtifacts({ job, attempt }: { job: number; attempt: number }) {
  const { data, error, refetch } = useQuery(artifactsQuery(job, attempt));
  if (error !== null) return <ErrorNote error={error} retry={() => void refetch()} />;
  const files = data?.results ?? [];
  if (files.length === 0) return null;
  const bytes = files.reduce((sum, file) => sum + file.size_bytes, 0);
  return (
    <div className="mb-5">
      <Section title={text.title(files.length, bytesText(bytes))}>
        <Table
          caption={text.caption}
          rows={files}
          rowKey={({ id }) => id}
          columns={[
            { title: text.path, cell: (file) => <Path file={file} /> },
            { title: text.size, cell: ({ size_bytes }) => bytesText(size_bytes) },
            {
              title: text.keptUntil,
              wide: true,
              cell: ({ expires_at }) => <Time at={expires_at} />,
            },
            {
              title: text.download,
              cell: (file) => (
                <a
                  href={addressOf(file)}
                  download
                  className={LINK}
                  aria-label={text.downloadOf(file.path)}
                >
                  {text.download}
                </a>
              ),
            },
          ]}
        />
      </Section>
    </div>
  );
}

function Path({ file }: { file: Artifact }) {
  if (!file.viewable) return <span className="font-mono break-all">{file.path}</span>;
  return (
    <a
      href={`${addressOf(file)}?view=1`}
      target="_blank"
      rel="noopener noreferrer"
      className={`font-mono break-all ${LINK}`}
    >
      {file.path}
    </a>
  );
}

const addressOf = ({ job, id }: Artifact) => `/ci/v3/jobs/${job}/artifacts/${id}/`;
