import { type Static, Type } from 'typebox';
import { ConfigMessage } from './ci.ts';
import { Nullable } from './common.ts';

/** A file that is proposed, with what it is for. */
export const ProposedFile = Type.Object({
  path: Type.String(),
  text: Type.String(),
  /** One sentence: why it is proposed, in these words. */
  reason: Type.String(),
  /** True when the repository has a file of that path, which stays unless it is chosen. */
  exists: Type.Boolean(),
  /** Another text that does as well, for who prefers it; null: there is one way only. */
  alternative: Nullable(
    Type.Object({
      title: Type.String(),
      text: Type.String(),
      reason: Type.String(),
      /** It reads TOKEN: commit it with `encrypt_token`, or encrypt one into it. */
      needs_token: Type.Boolean(),
    }),
  ),
});
export type ProposedFile = Static<typeof ProposedFile>;

/** Something of the source that will mean less here, or nothing. */
export const Finding = Type.Object({
  /** works | differs | missing */
  level: Type.String(),
  subject: Type.String(),
  detail: Type.String(),
  /** What to do about it; null when there is nothing to do. */
  advice: Nullable(Type.String()),
  file: Nullable(Type.String()),
  line: Nullable(Type.Integer()),
});
export type Finding = Static<typeof Finding>;

/**
 * What a set of files tells of an application. `POST /apps/v3/proposals/` takes texts (a paste, an upload, `app.json`);
 * `GET /apps/v3/applications/UUID/proposal/?branch=` reads the repository.
 */
export const ProposalRequest = Type.Object({
  /** Website id, uuid or slug of the application that it is for; its key tells which encrypted values can be read. */
  application: Type.Optional(Nullable(Type.String())),
  files: Type.Array(Type.Object({ path: Type.String(), text: Type.String() }), { maxItems: 200 }),
});
export type ProposalRequest = Static<typeof ProposalRequest>;

export const Proposal = Type.Object({
  /** False while the repository has no commit. */
  has_code: Type.Boolean(),
  branch: Nullable(Type.String()),
  /** The commit that was read; what is committed on top of it gives this as `expected`. */
  head: Nullable(Type.String()),
  /** As `language:` in `.travis.yml`; null when it cannot be told. */
  language: Nullable(Type.String()),
  /** The file that told. */
  evidence: Nullable(Type.String()),
  files: Type.Array(ProposedFile),
  findings: Type.Array(Finding),
  /** The messages of the `.travis.yml` that is there. */
  messages: Type.Array(ConfigMessage),
  /** Variables that the source names (`app.json`), with their defaults. */
  variables: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Nullable(Type.String()),
      description: Nullable(Type.String()),
      required: Type.Boolean(),
      /** A random secret is wanted (`"generator": "secret"`). */
      is_generated: Type.Boolean(),
    }),
  ),
});
export type Proposal = Static<typeof Proposal>;

/** Starting points for someone without code. `GET /apps/v3/starters/` */
export const Starter = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Type.String(),
  language: Type.String(),
});
export type Starter = Static<typeof Starter>;

/**
 * `POST /apps/v3/applications/UUID/commits/`: one commit on top of `branch` with these files, by the person who asks. It
 * goes the way of a push. Refused with `conflict` when the branch is not at `expected` any more.
 */
export const CommitRequest = Type.Object({
  branch: Type.Optional(Nullable(Type.String())),
  /** The commit that the files were proposed for; null: the branch is not there yet. */
  expected: Type.Optional(Nullable(Type.String())),
  message: Type.String({ minLength: 1 }),
  /** Instead of `files`: all files of a starter. */
  starter: Type.Optional(Nullable(Type.String())),
  files: Type.Optional(
    Type.Array(Type.Object({ path: Type.String(), text: Type.String() }), { maxItems: 50 }),
  ),
  /** Makes a machine user's token for this application and puts it, encrypted, into `.travis.yml` as TOKEN. */
  encrypt_token: Type.Optional(Type.Boolean()),
});
export type CommitRequest = Static<typeof CommitRequest>;
export const CommitMade = Type.Object({ sha: Type.String(), branch: Type.String() });
export type CommitMade = Static<typeof CommitMade>;
