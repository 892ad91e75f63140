import type { AllImages } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { allImagesQuery } from '../../api/images.ts';
import { useSession } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { images as text } from '../../text/images.ts';
import { bytesText } from '../../text/units.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader, Section } from '../../ui/layout.tsx';
import { TextLink } from '../../ui/link.tsx';
import { Empty, ErrorNote, Loading, Note } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { CleanDialog } from './clean-dialog.tsx';
import { PolicyFacts } from './policy.tsx';

/** The images of the whole installation. */
export function Page() {
  const { user } = useSession();
  useDocumentState(text.title);
  if (user.is_admin) return <All />;
  return (
    <>
      <PageHeader title={text.title} meta={text.allIntro} />
      <Note>{text.onlyAdmins}</Note>
    </>
  );
}

function All() {
  const all = useQuery(allImagesQuery);
  const [isCleaning, setCleaning] = useState(false);
  const lines = all.data === undefined ? [] : linesOf(all.data);
  const sizes = lines.flatMap(({ bytes }) => bytes ?? []);
  return (
    <>
      <PageHeader
        title={text.title}
        meta={text.allIntro}
        actions={
          lines.length > 0 && <Button onClick={() => setCleaning(true)}>{text.clean}</Button>
        }
      />
      <ErrorNote error={all.error} retry={() => void all.refetch()} />
      {all.isPending && <Loading />}
      {all.data?.problem && <Note tone="warn">{all.data.problem}</Note>}
      {all.data !== undefined && lines.length === 0 && (
        <Empty title={text.empty}>{text.emptyText}</Empty>
      )}
      {all.data !== undefined && lines.length > 0 && (
        <>
          <PolicyFacts
            policy={all.data.policy}
            count={lines.reduce((sum, { count }) => sum + count, 0)}
            bytes={sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0)}
          />
          <Section title={text.byApplication}>
            <Lines lines={lines} />
          </Section>
        </>
      )}
      {isCleaning && <CleanDialog application={null} onClose={() => setCleaning(false)} />}
    </>
  );
}

interface Line {
  readonly id: string;
  readonly name: string;
  /** Of the application's pages; null: it has none. */
  readonly app: string | null;
  readonly count: number;
  readonly bytes: number | null;
}

function linesOf({ applications, unknown }: AllImages): Line[] {
  const lines = applications.map((one) => ({
    id: one.application,
    name: one.name ?? text.gone,
    app: one.key,
    count: one.images,
    bytes: one.size_bytes,
  }));
  if (unknown.images === 0) return lines;
  const rest = { id: 'unknown', name: text.unknown, app: null };
  return [...lines, { ...rest, count: unknown.images, bytes: unknown.size_bytes }];
}

function Lines({ lines }: { lines: readonly Line[] }) {
  return (
    <Table
      caption={text.applicationList}
      rows={lines}
      rowKey={({ id }) => id}
      columns={[
        {
          title: text.application,
          cell: ({ app, name }) =>
            app === null ? (
              name
            ) : (
              <TextLink to="/applications/$app/images" params={{ app }}>
                {name}
              </TextLink>
            ),
        },
        { title: text.count, cell: ({ count }) => count },
        {
          title: text.size,
          cell: ({ bytes }) => (bytes === null ? text.sizesUnknown : bytesText(bytes)),
        },
      ]}
    />
  );
}
