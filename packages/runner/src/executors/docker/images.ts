import { type JobSettings, languageOf, text } from '../../script/config.ts';
import { languageRules, versionAsked } from '../../script/languages/index.ts';

/** One row of the table: for this language, versions like this run in this image. */
export interface ImageRow {
  language: string;
  /** With `*` for any text; `''` stands for a job that names no version. */
  version: string;
  /** `{version}` is the version as written; `{*}` what the first `*` stood for. */
  image: string;
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
  return { language: language.toLowerCase(), version: version?.trim() ?? '*', image };
}

const BUILT_IN_ROWS = BUILT_IN.map(parseImageRow);

/** Versions that stand in a job's configuration under keys of their own. */
const VERSION_KEYS: Readonly<Record<string, string>> = {
  elixir: 'elixir',
  perl: 'perl',
  r: 'r',
  dart: 'dart',
  haskell: 'ghc',
  julia: 'julia',
};

export type ImageChoice = { image: string } | { refused: string };

/** The image that a job runs in: its own wish where that is allowed, else the first row that fits. */
export function chooseImage(
  config: JobSettings,
  rows: readonly ImageRow[],
  allowed: readonly string[],
): ImageChoice {
  const own = text(config['image']);
  if (own !== null) {
    if (!isImageName(own)) return { refused: `"${own}" is no name of an image.` };
    if (!allowed.some((pattern) => matchGlob(pattern, own) !== null)) {
      const list = allowed.length === 0 ? 'none may be chosen' : allowed.join(', ');
      return { refused: `The image ${own} is not allowed on this runner (allowed: ${list}).` };
    }
    return { image: own };
  }
  const language = languageOf(config);
  const key = VERSION_KEYS[language];
  const version =
    versionAsked(config, languageRules(config)) ?? (key ? text(config[key]) : null) ?? '';
  for (const row of [...rows, ...BUILT_IN_ROWS]) {
    if (row.language !== '*' && row.language !== language) continue;
    const star = matchGlob(row.version, version);
    if (star === null) continue;
    const image = row.image
      .replaceAll('{version}', version || 'latest')
      .replaceAll('{*}', star || 'latest');
    if (isImageName(image)) return { image };
    return { refused: `The version "${version}" of ${language} makes no name of an image.` };
  }
  return { refused: `No image is known for ${language} ${version}.` };
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
