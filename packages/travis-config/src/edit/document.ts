import { type Document, isMap, LineCounter, parseDocument } from 'yaml';
import { ConfigError } from '../errors.ts';

export interface OpenDocument {
  readonly document: Document;
  /** The line (from 1) of an offset in the text. */
  lineOf(offset: number): number;
}

/**
 * A `.travis.yml` to be changed with its comments and layout kept; an empty file becomes an empty mapping.
 *
 * @throws ConfigError `invalid_yaml` or `not_a_mapping`
 */
export function openDocument(text: string): OpenDocument {
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const message = `.travis.yml is not valid YAML: ${problem.message} (line ${line})`;
    throw new ConfigError('invalid_yaml', message, { line, column: col });
  }
  if (document.contents === null) document.contents = document.createNode({});
  if (!isMap(document.contents)) {
    throw new ConfigError('not_a_mapping', '.travis.yml must be a mapping at its top level.');
  }
  return { document, lineOf: (offset) => lines.linePos(offset).line };
}

/** The text of a changed document; long lines stay whole. */
export const textOf = (document: Document): string => document.toString({ lineWidth: 0 });
