import { useDocumentState } from '../../shell/document-state.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { CopyBlock } from '../../ui/copy.tsx';
import { PageHeader, Section } from '../../ui/layout.tsx';
import { CheckForm } from '../onboarding/check-form.tsx';
import { Detected } from '../onboarding/detected.tsx';
import { Findings } from '../onboarding/findings.tsx';

/** What would become of a project of Travis CI or Heroku; nothing is made. */
export function Page() {
  useDocumentState(text.importTitle);
  return (
    <>
      <PageHeader
        title={text.importTitle}
        meta={<p className="max-w-prose">{text.importLead}</p>}
      />
      <CheckForm application={null}>
        {(proposal) => (
          <>
            <Detected proposal={proposal} />
            <Findings proposal={proposal} />
            {proposal.files.length > 0 && (
              <Section title={text.proposed}>
                <div className="flex flex-col gap-4">
                  {proposal.files.map((file) => (
                    <div key={file.path}>
                      <CopyBlock label={file.path} text={file.text} />
                      <p className="mt-1 text-xs text-muted">{file.reason}</p>
                    </div>
                  ))}
                </div>
              </Section>
            )}
          </>
        )}
      </CheckForm>
    </>
  );
}
