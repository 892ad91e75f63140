import { Cable, FileCode, GitBranch, Import, type LucideIcon } from 'lucide-react';
import { onboarding as text } from '../../text/onboarding.ts';
import { Section } from '../../ui/layout.tsx';
import { WAYS, type Way } from './search.ts';

const ICONS: Readonly<Record<Way, LucideIcon>> = {
  example: FileCode,
  push: GitBranch,
  connect: Cable,
  import: Import,
};

/** Where the code comes from. */
export function SourceStep({ onChoose }: { onChoose: (way: Way) => void }) {
  return (
    <Section title={text.source}>
      <div className="grid gap-3 md:grid-cols-2">
        {WAYS.map((way) => {
          const Icon = ICONS[way];
          return (
            <button
              key={way}
              type="button"
              onClick={() => onChoose(way)}
              className="flex flex-col items-start gap-2 rounded-lg border border-edge bg-surface p-4 text-left hover:bg-raised"
            >
              <Icon aria-hidden className="size-5 text-accent" />
              <span className="font-medium">{text.ways[way].title}</span>
              <span className="text-sm text-muted">{text.ways[way].text}</span>
            </button>
          );
        })}
      </div>
    </Section>
  );
}
