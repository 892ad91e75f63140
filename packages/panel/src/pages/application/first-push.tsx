import type { ApplicationLine } from '@sluice/contract';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { applicationKey } from '../../api/overview.ts';
import { overview as text } from '../../text/overview.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { Section } from '../../ui/layout.tsx';

/** For an empty repository: how its first commit gets here. */
export function FirstPush({ application }: { application: ApplicationLine }) {
  const { data } = useQuery({
    queryKey: keys.application(application.uuid, 'detail'),
    queryFn: () => api.applications.get(application.uuid),
  });
  const branch = application.environments[0]?.branch ?? 'main';
  return (
    <Section
      title={text.pushFirst}
      actions={
        <ButtonLink to="/applications/new" search={{ app: applicationKey(application) }}>
          {text.setUp}
        </ButtonLink>
      }
    >
      <p className="mb-3 text-sm text-muted">{text.pushFirstText}</p>
      {data !== undefined && (
        <CopyBlock
          label={text.pushCommands}
          text={`git remote add sluice ${data.git_url}\ngit push sluice HEAD:${branch}`}
        />
      )}
    </Section>
  );
}
