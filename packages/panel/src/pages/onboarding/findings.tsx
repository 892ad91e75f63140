import type { Finding, Proposal } from '@sluice/contract';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import { onboarding as text } from '../../text/onboarding.ts';
import { classes } from '../../ui/classes.ts';
import { Section } from '../../ui/layout.tsx';

const LOOKS = {
  missing: { icon: CircleX, look: 'text-bad', label: text.levels.missing },
  differs: { icon: TriangleAlert, look: 'text-warn', label: text.levels.differs },
  works: { icon: CircleCheck, look: 'text-good', label: text.levels.works },
} as const;

const lookOf = (level: string) =>
  level === 'missing' || level === 'differs' ? LOOKS[level] : LOOKS.works;

/** What of a project means less here or nothing, what is missing first; what works can be unfolded. */
export function Findings({ proposal }: { proposal: Proposal }) {
  const { findings, messages } = proposal;
  const works = findings.filter(({ level }) => level === 'works');
  const others = ['missing', 'differs'].flatMap((level) =>
    findings.filter((finding) => finding.level === level),
  );
  const remarks = messages.filter(({ level }) => level !== 'info');
  return (
    <Section title={text.findings}>
      {others.length === 0 && <p className="text-sm text-muted">{text.noFindings}</p>}
      <List findings={others} />
      {works.length > 0 && (
        <details className="mt-3 text-sm">
          <summary className="cursor-pointer py-1 text-muted">
            {text.worksCount(works.length)}
          </summary>
          <List findings={works} />
        </details>
      )}
      {remarks.length > 0 && (
        <div className="mt-4 border-t border-line pt-3 text-sm">
          <h3 className="mb-2 font-medium">{text.messages}</h3>
          <ul className="flex flex-col gap-1.5">
            {remarks.map((message) => (
              <li key={`${message.line}:${message.column}:${message.code}:${message.key}`}>
                <code className="mr-2 text-xs text-muted">
                  {text.place('.travis.yml', message.line)}
                </code>
                {message.text}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function List({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className="flex flex-col gap-3 text-sm">
      {findings.map((finding) => (
        <Item
          key={`${finding.file}:${finding.line}:${finding.subject}:${finding.detail}`}
          finding={finding}
        />
      ))}
    </ul>
  );
}

function Item({ finding }: { finding: Finding }) {
  const { icon: Icon, look, label } = lookOf(finding.level);
  return (
    <li className="flex items-start gap-2.5">
      <Icon aria-hidden className={classes('mt-0.5 size-4 shrink-0', look)} />
      <div className="min-w-0">
        <p className="flex flex-wrap items-baseline gap-x-2">
          <span className={classes('text-xs font-medium', look)}>{label}</span>
          <strong className="break-words font-medium">{finding.subject}</strong>
          {finding.file !== null && (
            <code className="text-xs text-muted">{text.place(finding.file, finding.line)}</code>
          )}
        </p>
        <p className="break-words">{finding.detail}</p>
        {finding.advice !== null && <p className="text-muted">{finding.advice}</p>}
      </div>
    </li>
  );
}
