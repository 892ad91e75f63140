import type { Proposal } from '@sluice/contract';
import { onboarding as text } from '../../text/onboarding.ts';
import { Facts, Section } from '../../ui/layout.tsx';

/** What the code tells of itself, and by which file. */
export function Detected({ proposal }: { proposal: Proposal }) {
  const { language, evidence, branch, head } = proposal;
  return (
    <Section title={text.detected}>
      <Facts
        facts={[
          [
            text.language,
            <span key="language">
              {language ?? text.unknownLanguage}
              {evidence !== null && (
                <span className="text-muted"> ({text.evidence(evidence)})</span>
              )}
            </span>,
          ],
          ...(head === null || branch === null ? [] : [[text.branch, branch] as const]),
        ]}
      />
    </Section>
  );
}
