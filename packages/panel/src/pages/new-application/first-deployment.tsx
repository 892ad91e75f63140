import type { ApplicationLine, Proposal } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Detected } from '../onboarding/detected.tsx';
import { Findings } from '../onboarding/findings.tsx';
import { VariablesForm } from '../onboarding/variables-form.tsx';
import { useControl } from '../running/use-control.ts';

/** What the code of a mirror tells and lacks, and its deployment to the first environment. */
export function FirstDeployment({
  application,
  proposal,
  onGoOn,
}: {
  application: ApplicationLine;
  proposal: Proposal;
  onGoOn: (sha: string) => void;
}) {
  const { branch, head, files, variables } = proposal;
  const [first] = application.environments;
  const deploy = useControl(
    (environment: string) => api.deployments.create({ environment, commit: head ?? '' }),
    () => onGoOn(head ?? ''),
  );
  return (
    <>
      <Detected proposal={proposal} />
      <Findings proposal={proposal} />
      {variables.length > 0 && <VariablesForm application={application} variables={variables} />}
      {files.length > 0 && (
        <Section title={text.proposedThere}>
          <p className="mb-4 max-w-prose text-sm text-muted">{text.proposedThereHint}</p>
          <div className="flex flex-col gap-4">
            {files.map((file) => (
              <CopyBlock key={file.path} label={file.path} text={file.text} />
            ))}
          </div>
        </Section>
      )}
      <Section title={text.watchTitle}>
        <ErrorNote error={deploy.error} />
        <div className="flex flex-wrap gap-2">
          {first !== undefined && (
            <Button
              kind="primary"
              busy={deploy.isPending}
              onClick={() => deploy.mutate(first.uuid)}
            >
              {text.deployFirst(branch ?? '', first.slug)}
            </Button>
          )}
          <Button onClick={() => onGoOn(head ?? '')}>{text.goOn}</Button>
        </div>
      </Section>
    </>
  );
}
