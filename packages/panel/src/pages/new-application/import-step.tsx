import type { ApplicationLine } from '@sluice/contract';
import { useState } from 'react';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { CheckForm } from '../onboarding/check-form.tsx';
import { Detected } from '../onboarding/detected.tsx';
import type { Texts } from '../onboarding/files.ts';
import { Findings } from '../onboarding/findings.tsx';
import { ProposalForm } from '../onboarding/proposal-form.tsx';
import { VariablesForm } from '../onboarding/variables-form.tsx';

/** Files of Travis CI or Heroku: what of them works here, then the code itself. */
export function ImportStep({
  application,
  onPush,
  onCommitted,
}: {
  application: ApplicationLine;
  onPush: () => void;
  onCommitted: (sha: string) => void;
}) {
  const [committed, setCommitted] = useState<Texts | null>(null);
  return (
    <CheckForm application={application.uuid}>
      {(proposal, texts) => (
        <>
          <Detected proposal={proposal} />
          <Findings proposal={proposal} />
          {proposal.variables.length > 0 && (
            <VariablesForm application={application} variables={proposal.variables} />
          )}
          {committed === texts ? (
            <ProposalForm
              application={application}
              proposal={proposal}
              brought={texts}
              message={text.importMessage}
              onCommitted={onCommitted}
            />
          ) : (
            <Section title={text.source}>
              <p className="mb-4 max-w-prose text-sm text-muted">{text.importNext}</p>
              <div className="flex flex-wrap gap-2">
                <Button kind="primary" onClick={onPush}>
                  {text.pushInstead}
                </Button>
                <Button onClick={() => setCommitted(texts)}>{text.commitThese}</Button>
              </div>
            </Section>
          )}
        </>
      )}
    </CheckForm>
  );
}
