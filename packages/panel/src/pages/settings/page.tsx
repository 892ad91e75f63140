import { useSuspenseQuery } from '@tanstack/react-query';
import { useApplication } from '../../api/overview.ts';
import { useCan } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { settings as text } from '../../text/settings.ts';
import { Note } from '../../ui/notes.tsx';
import { RepositorySection } from '../repository/section.tsx';
import { BuildVariables } from './build-variables.tsx';
import { CiSection } from './ci-section.tsx';
import { Collaborators } from './collaborators.tsx';
import { CommitStatusesSection } from './commit-statuses-section.tsx';
import { ConnectSection } from './connect-section.tsx';
import { DangerSection } from './danger-section.tsx';
import { EncryptSection } from './encrypt-section.tsx';
import { Environments } from './environments.tsx';
import { GeneralSection } from './general-section.tsx';
import { PreviewsSection } from './previews-section.tsx';
import { PullRequestsSection } from './pull-requests-section.tsx';
import { repositoryQuery } from './queries.ts';
import { ReleaseCommands } from './release-commands.tsx';

/** Everything about an application that is set once and rarely changed. */
export function Page() {
  const application = useApplication();
  useDocumentState(`${text.title} · ${application.name}`);
  const can = useCan();
  const may = (action: string) => can(application.organisation, action);
  const { data: repository } = useSuspenseQuery(
    repositoryQuery(application.uuid, application.repository_uuid),
  );
  return (
    <>
      <h2 className="sr-only">{text.title}</h2>
      {!may('application:write') && (
        <div className="mb-5">
          <Note>{text.denied}</Note>
        </div>
      )}
      <GeneralSection application={application} />
      <Environments application={application} />
      <ReleaseCommands application={application} />
      <RepositorySection application={application} />
      <CiSection application={application} repository={repository} />
      <PullRequestsSection application={application} repositoryId={repository.id} />
      <PreviewsSection application={application} />
      <CommitStatusesSection application={application} />
      <BuildVariables application={application} repositoryId={repository.id} />
      <EncryptSection application={application} slug={repository.slug} />
      <ConnectSection application={application} />
      {may('organisation:admin') && <Collaborators application={application} />}
      {may('application:delete') && <DangerSection application={application} />}
    </>
  );
}
