import type {
  PullRequest,
  PullRequestComment,
  PullRequestDiff,
  PullRequestSettings,
} from '@sluice/contract';
import {
  isOvertaken,
  type Preview,
  type Pull,
  type PullComment,
  type PullDiff,
  type PullSettings,
} from '../../pulls/index.ts';

export interface PullFacts {
  readonly application: string;
  readonly publicUrl: string;
  readonly preview: Preview | null;
}

export function pullJson(pull: Pull, facts: PullFacts): PullRequest {
  return {
    uuid: pull.uuid,
    application: facts.application,
    repository: pull.repository_uuid,
    number: pull.number,
    provider: pull.provider,
    url: pull.url,
    title: pull.title,
    description: pull.description,
    author: pull.author_login,
    draft: pull.draft === 1,
    state: pull.state,
    head: {
      ref: pull.head_ref,
      sha: pull.head_sha,
      is_fork: pull.is_fork === 1,
      repository: pull.head_repository,
    },
    base: { ref: pull.base_ref, sha: pull.base_sha },
    mergeability: pull.mergeability,
    conflicts: JSON.parse(pull.conflicts) as string[],
    merge_sha: pull.merge_sha,
    build: buildOf(pull, facts.publicUrl),
    base_moved: isOvertaken(pull),
    merge_when_green: pull.merge_when_green !== null,
    merged_sha: pull.merged_sha,
    merge_method: pull.merge_method,
    ended_by: pull.ended_by,
    ended_at: pull.ended_at,
    preview: previewJson(facts.preview),
    created_at: pull.created_at,
    updated_at: pull.updated_at,
  };
}

function previewJson(preview: Preview | null): PullRequest['preview'] {
  if (preview === null) return null;
  const { environmentUuid: environment, slug, url, since } = preview;
  return { environment, slug, url, since };
}

function buildOf(pull: Pull, publicUrl: string): PullRequest['build'] {
  if (pull.approval === 'awaiting' && pull.state === 'open') {
    const reason = 'Nobody has approved a build of this author yet.';
    return { id: null, state: 'awaiting_approval', reason, url: null };
  }
  if (pull.build_state === null) return null;
  return {
    id: pull.build_id,
    state: pull.build_state,
    reason: pull.build_reason,
    url: pull.build_id === null ? null : `${publicUrl}/builds/${pull.build_id}`,
  };
}

export const commentJson = ({
  uuid,
  author,
  body,
  created_at,
}: PullComment): PullRequestComment => ({ uuid, author, body, created_at });

export const diffJson = ({ mergeBase, files, ...diff }: PullDiff): PullRequestDiff => ({
  ...diff,
  merge_base: mergeBase,
  files: files.map(({ previousPath, ...file }) => ({ ...file, previous_path: previousPath })),
});

export const settingsJson = (settings: PullSettings): PullRequestSettings => ({
  approve_first: settings.approveFirst,
  require_green: settings.requireGreen,
  require_current: settings.requireCurrent,
  merge_method: settings.mergeMethod,
  delete_branch: settings.deleteBranch,
  previews: settings.previews,
  preview_days: settings.previewDays,
  preview_limit: settings.previewLimit,
});
