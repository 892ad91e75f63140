import type { ApplicationLine } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { settings as text } from '../../text/settings.ts';
import { CopyBlock } from '../../ui/copy.tsx';
import { Section } from '../../ui/layout.tsx';
import { connectQuery } from '../onboarding/queries.ts';

/** What a person copies to point another CI service here. */
export function ConnectSection({ application }: { application: ApplicationLine }) {
  const { data } = useSuspenseQuery(connectQuery(application.uuid));
  return (
    <Section title={text.connect}>
      <div className="flex flex-col gap-4">
        <p className="max-w-prose text-sm text-muted">
          {text.connectHint}{' '}
          <Link to="/machine-users" className="text-accent underline underline-offset-2">
            {text.machineUsers}
          </Link>
        </p>
        <CopyBlock label={text.websiteId} text={String(data.website_id)} />
        <CopyBlock label={text.gitUrl} text={data.git_url} />
        <CopyBlock label={text.deployCommand} text={data.deploy_command} />
        <CopyBlock label={text.curl} text={data.curl} />
        <CopyBlock label={text.travisYml} text={data.travis_yml.trimEnd()} />
        <CopyBlock label={text.encryptCommand} text={data.encrypt_command} />
      </div>
    </Section>
  );
}
