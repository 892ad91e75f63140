import type { Finding, Proposal, ProposedFile } from '@sluice/contract';

import type { Project } from './project.ts';

export type { Finding, Proposal, ProposedFile };

/** What a project is written in and how it is tested and run, with the reasons in sentences for people. */
export interface Detection {
  /** As `language:` in `.travis.yml`. */
  readonly language: string;
  /** The file that told. */
  readonly evidence: string;
  /** Where the versions come from is part of the reason. */
  readonly versions: { readonly key: string; readonly value: string; readonly from: string } | null;
  /** Commands before the test; empty: what the language does by itself. */
  readonly install: readonly string[];
  /** The project's own test. */
  readonly script: readonly string[];
  readonly scriptReason: string;
  /** For a Procfile; null: none is needed, or nothing could be told. */
  readonly processes: Processes | null;
  /** Files besides `.travis.yml` and `Procfile`. */
  readonly files: readonly ProposedText[];
  readonly findings: readonly Finding[];
}

export interface Processes {
  readonly commands: readonly (readonly [type: string, command: string])[];
  readonly reason: string;
}

export interface ProposedText {
  readonly path: string;
  readonly text: string;
  readonly reason: string;
}

/** Looks for one language; null: it is not that. */
export type Detector = (project: Project) => Detection | null;

/** A finding without a place. */
export const finding = (
  level: 'works' | 'differs' | 'missing',
  subject: string,
  detail: string,
  advice: string | null = null,
  place: { file?: string; line?: number | null } = {},
): Finding => ({
  ...{ level, subject, detail, advice },
  file: place.file ?? null,
  line: place.line ?? null,
});
