import type { Why } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { whyQuery } from '../../api/running.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { why as text } from '../../text/running.ts';
import { shortSha } from '../../ui/commit.tsx';
import { CopyButton } from '../../ui/copy.tsx';
import { Section } from '../../ui/layout.tsx';
import { TextLink } from '../../ui/link.tsx';
import { Empty } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Time } from '../../ui/time.tsx';
import { Events } from './events.tsx';
import { Fates } from './fates.tsx';

/** What became of one commit, in every environment, and why. */
export function Page() {
  const application = useApplication();
  const { sha = '' } = useParams({ strict: false });
  const { data } = useSuspenseQuery(whyQuery(application.uuid, sha));
  const { info } = data;
  useDocumentState(
    info === null ? shortSha(data.commit) : `${shortSha(data.commit)} ${info.subject}`,
  );
  return (
    <>
      <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="text-lg font-semibold break-words">
            {info === null ? text.title(shortSha(data.commit)) : info.subject}
          </h2>
          <p className="flex flex-wrap gap-x-3 text-sm text-muted">
            <code className="font-mono text-xs break-all">{data.commit}</code>
            {info !== null && (
              <span>
                {text.pushedText(info.author)}, <Time at={info.committed_at} />
              </span>
            )}
          </p>
        </div>
        <CopyButton text={data.commit} />
      </div>
      {info === null ? (
        <Empty title={text.unknown}>{text.unknownText}</Empty>
      ) : (
        <>
          <Section title={text.tested}>
            <Tested build={data.build} />
          </Section>
          <Section title={text.fates}>
            <Fates app={applicationKey(application)} environments={data.environments} />
          </Section>
          <Section title={text.timeline}>
            <Events commit={info} why={data} />
          </Section>
        </>
      )}
    </>
  );
}

function Tested({ build }: { build: Why['build'] }) {
  if (build === null || build.state === null) {
    return <p className="text-sm text-muted">{text.noBuild}</p>;
  }
  return (
    <p className="flex flex-wrap items-center gap-3 text-sm">
      <StateBadge state={build.state} />
      <span>{text.buildStates[build.state] ?? build.state}</span>
      {build.id !== null && (
        <TextLink to="/builds/$build" params={{ build: String(build.id) }}>
          {text.build} #{build.number}
        </TextLink>
      )}
    </p>
  );
}
