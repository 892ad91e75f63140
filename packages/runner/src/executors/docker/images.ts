import { type JobSettings, languageOf, text } from '../../script/config.ts';
import { languageRules, versionAsked } from '../../script/languages/index.ts';

/** One row of the table: for this language, versions like this run in this image. */
export interface ImageRow {
  language: string;
  /** With `*` for any text; `''` stands for a job that names no version. */
  version: string;
  /** `{version}` is the version as written; `{*}` what the first `*` stood for. */
  image: string;
  /** As it was written. */
  text: string;
  /** Whether it came with Sluice, or an administrator has put it before those. */
  isBuiltIn: boolean;
}

/** The official images, which have bash, git and the usual build tools. */
const BUILT_IN: readonly string[] = [
  'python:nightly=python:rc',
  'python:*-dev=python:{*}-rc',
  'python:pypy*=pypy:{*}',
  'python:=python:3.10',
  'python:*=python:{version}',
  'node_js:node=node:latest',
  'node_js:stable=node:latest',
  'node_js:latest=node:latest',
  'node_js:lts/\\*=node:lts',
  'node_js:lts/*=node:{*}',
  'node_js:v*=node:{*}',
  'node_js:*.x=node:{*}',
  'node_js:=node:lts',
  'node_js:*=node:{version}',
  'ruby:jruby-*=jruby:{*}',
  'ruby:jruby=jruby:latest',
  'ruby:ruby-*=ruby:{*}',
  'ruby:ruby-head=ruby:latest',
  'ruby:=ruby:latest',
  'ruby:*=ruby:{version}',
  'go:stable=golang:latest',
  'go:tip=golang:latest',
  'go:master=golang:latest',
  'go:*.x=golang:{*}',
  'go:=golang:latest',
  'go:*=golang:{version}',
  'rust:stable=rust:latest',
  'rust:=rust:latest',
  'rust:beta=rustlang/rust:nightly',
  'rust:nightly*=rustlang/rust:nightly',
  'rust:*=rust:{version}',
  'php:=php:latest',
  'php:nightly=php:rc',
  'php:*=php:{version}',
  ...['java', 'groovy', 'scala', 'clojure', 'kotlin'].flatMap((language) => [
    `${language}:=maven:3-eclipse-temurin-17`,
    `${language}:openjdk*=maven:3-eclipse-temurin-{*}`,
    `${language}:oraclejdk*=maven:3-eclipse-temurin-{*}`,
    `${language}:*=maven:3-eclipse-temurin-{version}`,
  ]),
  'c=gcc:latest',
  'cpp=gcc:latest',
  'elixir:*=elixir:{version}',
  'perl:*=perl:{version}',
  'r:*=r-base:{version}',
  'dart:*=dart:{version}',
  'haskell:*=haskell:{version}',
  'julia:*=julia:{version}',
  '*=buildpack-deps:bookworm',
];

/** Reads `LANGUAGE[:VERSION]=IMAGE`. Throws a sentence that says what is wrong. */
export function parseImageRow(row: string): ImageRow {
  const match = /^\s*([^\s:=]+)(?::([^=]*?))?\s*=\s*(\S+)\s*$/.exec(row);
  const [, language, version, image] = match ?? [];
  if (!language || !image || !isImageName(image.replaceAll(/\{(?:version|\*)\}/g, 'x'))) {
    throw new Error(
      `"${row}" is no row of the table of images: write LANGUAGE[:VERSION]=IMAGE, such as python:3.*=registry.example.com/python:{version}.`,
    );
  }
  return {
    ...{ language: language.toLowerCase(), version: version?.trim() ?? '*', image },
    ...{ text: row.trim(), isBuiltIn: false },
  };
}

const BUILT_IN_ROWS = BUILT_IN.map((row): ImageRow => ({ ...parseImageRow(row), isBuiltIn: true }));

/** All rows in the order in which they count: an administrator's, then the built-in ones. */
export const imageTable = (rows: readonly string[]): readonly ImageRow[] => [
  ...rows.map(parseImageRow),
  ...BUILT_IN_ROWS,
];

/** Versions that stand in a job's configuration under keys of their own. */
const VERSION_KEYS: Readonly<Record<string, string>> = {
  elixir: 'elixir',
  perl: 'perl',
  r: 'r',
  dart: 'dart',
  haskell: 'ghc',
  julia: 'julia',
};

/** `row` is null where the job has named the image itself. */
export type ImageChoice = { image: string; row: ImageRow | null } | { refused: string };

/** The image that a job runs in: its own wish where that is allowed, else that of the first row that fits ({@link imageTable}). */
export function chooseImage(
  config: JobSettings,
  table: readonly ImageRow[],
  allowed: readonly string[],
): ImageChoice {
  const own = text(config['image']);
  if (own !== null) {
    if (!isImageName(own)) return { refused: `"${own}" is no name of an image.` };
    if (!allowed.some((pattern) => matchGlob(pattern, own) !== null)) {
      const list = allowed.length === 0 ? 'none may be chosen' : allowed.join(', ');
      return { refused: `The image ${own} is not allowed on this runner (allowed: ${list}).` };
    }
    return { image: own, row: null };
  }
  const language = languageOf(config);
  const key = VERSION_KEYS[language];
  const version =
    versionAsked(config, languageRules(config)) ?? (key ? text(config[key]) : null) ?? '';
  for (const row of table) {
    if (row.language !== '*' && row.language !== language) continue;
    const star = matchGlob(row.version, version);
    if (star === null) continue;
    const image = row.image
      .replaceAll('{version}', version || 'latest')
      .replaceAll('{*}', star || 'latest');
    if (isImageName(image)) return { image, row };
    return { refused: `The version "${version}" of ${language} makes no name of an image.` };
  }
  return { refused: `No image is known for ${language} ${version}.` };
}

/** Where an image comes from and how to get another one, for who must do something about it. */
export function imageOrigin(row: ImageRow | null): string {
  if (row === null) return 'The key image of .travis.yml names it: correct it there.';
  const table = row.isBuiltIn ? 'the built-in table' : "the administrator's table";
  return `It comes from the row ${row.text} in ${table} of images: name another by the key image in .travis.yml, or let an administrator change the table (job_images; --image of sluice runner).`;
}

/** What the first `*` of the pattern stands for (`''` where it has none); null where the text does not fit. `\*` is a star. */
export function matchGlob(pattern: string, value: string): string | null {
  const source = pattern
    .split(/(\\\*|\*)/)
    .map((part) => (part === '*' ? '(.*)' : part === '\\*' ? '\\*' : literally(part)))
    .join('');
  const match = new RegExp(`^${source}$`, 's').exec(value);
  return match === null ? null : (match[1] ?? '');
}

const literally = (part: string) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`, as an engine takes it. */
function isImageName(name: string): boolean {
  return (
    name.length <= 400 &&
    /^(?:(?:localhost|[\w-]+(?:\.[\w-]+)+|[\w-]+(?=:))(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/.test(
      name,
    )
  );
}
