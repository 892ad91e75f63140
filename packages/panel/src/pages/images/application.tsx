import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { imagesQuery } from '../../api/images.ts';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { useCan } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { images as text } from '../../text/images.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { Empty, Note } from '../../ui/notes.tsx';
import { CleanDialog } from './clean-dialog.tsx';
import { ImageTable } from './image-table.tsx';
import { PolicyFacts } from './policy.tsx';

/** What the runtime keeps of an application. */
export function Page() {
  const application = useApplication();
  useDocumentState(`${text.title} · ${application.name}`);
  const { data } = useSuspenseQuery(imagesQuery(application.uuid));
  const canWrite = useCan()(application.organisation, 'application:write');
  const [isCleaning, setCleaning] = useState(false);
  const { results, policy, problem } = data;
  const sizes = results.flatMap((image) => image.size_bytes ?? []);
  return (
    <>
      <h2 className="mb-1 text-base font-semibold">{text.title}</h2>
      <p className="mb-4 max-w-prose text-sm text-muted">{text.intro}</p>
      {problem !== null && (
        <div className="mb-4">
          <Note tone="warn">{problem}</Note>
        </div>
      )}
      {results.length === 0 ? (
        <Empty title={text.empty}>{text.emptyText}</Empty>
      ) : (
        <>
          <PolicyFacts
            policy={policy}
            count={results.length}
            bytes={sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0)}
          />
          <Section
            title={text.title}
            actions={canWrite && <Button onClick={() => setCleaning(true)}>{text.clean}</Button>}
          >
            <ImageTable images={results} app={applicationKey(application)} canWrite={canWrite} />
          </Section>
        </>
      )}
      {isCleaning && (
        <CleanDialog application={application.uuid} onClose={() => setCleaning(false)} />
      )}
    </>
  );
}
