import type { PullRequest } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { pullQuery } from '../../api/pulls.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { pulls as text } from '../../text/pulls.ts';
import { CommitLink } from '../../ui/commit.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { OutsideLink, TextLink } from '../../ui/link.tsx';
import { Empty, Note } from '../../ui/notes.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Actions } from './actions.tsx';
import { Comments } from './comments.tsx';
import { Diff } from './diff.tsx';

/** One pull request: where it stands, what it changes, what was said. */
export function Page() {
  const application = useApplication();
  const { number = '' } = useParams({ strict: false });
  const { data: pull } = useSuspenseQuery(pullQuery(application.uuid, Number(number) || 0));
  useDocumentState(`#${number} · ${application.name}`, pull?.build?.state);
  if (pull === null) return <Empty title={text.noSuch(number)}>{text.noSuchText}</Empty>;
  return (
    <>
      <Section
        title={text.name(pull.number, pull.title)}
        actions={<Actions key={pull.head.sha} pull={pull} />}
      >
        <Standing pull={pull} app={applicationKey(application)} />
        {pull.head.is_fork && <Note>{text.fork}</Note>}
        {pull.build?.state === 'awaiting_approval' && <Note>{text.approveText}</Note>}
        {pull.base_moved && <Note>{text.baseMoved(pull.base.ref)}</Note>}
        {pull.merge_when_green && <Note>{text.waiting}</Note>}
      </Section>
      {pull.description.trim() !== '' && (
        <Section title={text.description}>
          <p className="text-sm whitespace-pre-wrap">{pull.description}</p>
        </Section>
      )}
      <Diff pull={pull} />
      <Comments pull={pull} />
    </>
  );
}

function Standing({ pull, app }: { pull: PullRequest; app: string }) {
  const conflicts = pull.conflicts.join(', ');
  const merge =
    conflicts === ''
      ? (text.mergeFacts[pull.mergeability] ?? pull.mergeability)
      : text.conflictsIn(conflicts);
  return (
    <Facts
      facts={[
        [text.state, <StateBadge key="state" state={pull.draft ? 'draft' : pull.state} />],
        [text.branch, text.into(pull.head.ref, pull.base.ref)],
        [text.author, pull.author],
        [text.build, <BuildOf key="build" pull={pull} />],
        ...(pull.state === 'open' ? [[text.merge, merge] as const] : []),
        ...(pull.merged_sha === null
          ? []
          : [
              [text.mergedAs, <CommitLink key="merged" app={app} sha={pull.merged_sha} />] as const,
            ]),
        ...(pull.preview === null
          ? []
          : [
              [
                text.preview,
                <OutsideLink key="preview" href={pull.preview.url} note={text.newTab}>
                  {pull.preview.url}
                </OutsideLink>,
              ] as const,
            ]),
        ...(pull.url === null
          ? []
          : [
              [
                text.page,
                <OutsideLink key="page" href={pull.url} note={text.newTab}>
                  {pull.url}
                </OutsideLink>,
              ] as const,
            ]),
      ]}
    />
  );
}

function BuildOf({ pull: { build } }: { pull: PullRequest }) {
  if (build === null) return text.noBuild;
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <StateBadge state={build.state} />
      {build.id !== null && (
        <TextLink to="/builds/$build" params={{ build: String(build.id) }}>
          {text.build}
        </TextLink>
      )}
      {build.reason !== null && <span className="text-muted">{build.reason}</span>}
    </span>
  );
}
