import { useQuery } from '@tanstack/react-query';
import { buildsQuery } from '../../api/builds.ts';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { useCan } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { overview as text } from '../../text/overview.ts';
import { stateText } from '../../text/states.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { environmentState, worstState } from '../dashboard/attention.ts';
import { BuildTable } from './build-table.tsx';
import { FirstPush } from './first-push.tsx';
import { Stage } from './stage.tsx';

const NEWEST = 5;

/** An application at a glance: its environments in the order in which a commit travels, and its newest builds. */
export function Page() {
  const application = useApplication();
  const may = useCan();
  const { environments } = application;
  const states = environments.map(environmentState);
  useDocumentState(
    application.name,
    worstState(states, (state) => stateText(state).tone),
  );
  const app = applicationKey(application);
  const isEmpty =
    application.builds.length === 0 && environments.every(({ live }) => live === null);
  return (
    <>
      {isEmpty && <FirstPush application={application} />}
      <section aria-label={text.pipeline} className="mb-5">
        <h2 className="sr-only">{text.pipeline}</h2>
        <ol className="grid grid-cols-[repeat(auto-fit,minmax(min(100%,20rem),1fr))] gap-4 md:gap-8">
          {environments.map((environment, index) => (
            <Stage
              key={environment.uuid}
              app={app}
              environment={environment}
              next={environments[index + 1]}
              mayDeploy={may(application.organisation, 'application:deploy')}
            />
          ))}
        </ol>
      </section>
      {!isEmpty && <NewestBuilds app={app} uuid={application.uuid} />}
    </>
  );
}

function NewestBuilds({ app, uuid }: { app: string; uuid: string }) {
  const builds = useQuery(buildsQuery(uuid, { page: 1, pageSize: NEWEST }));
  return (
    <Section
      title={text.newestBuilds}
      actions={
        <ButtonLink to="/applications/$app/builds" params={{ app }} kind="quiet">
          {text.moreBuilds}
        </ButtonLink>
      }
    >
      <ErrorNote error={builds.error} retry={() => void builds.refetch()} />
      {builds.isPending && <Loading lines={NEWEST} />}
      {builds.data?.count === 0 && <p className="text-sm text-muted">{text.noBuilds}</p>}
      {builds.data !== undefined && builds.data.count > 0 && (
        <BuildTable app={app} builds={builds.data.results} />
      )}
    </Section>
  );
}
