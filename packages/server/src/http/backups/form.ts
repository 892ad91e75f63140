import { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import type { FastifyRequest } from 'fastify';
import { SluiceError } from '../../errors.ts';

export interface FormWithFile {
  /** Those that came before the file. */
  readonly fields: ReadonlyMap<string, string>;
  /** Its end throws where the form was cut short. */
  readonly bytes: Readable;
  /** Lets what was not read go by: a client that still sends reads its answer only afterwards. */
  drain(): void;
}

const LIMITS = { fields: 20, fieldSize: 1_000, files: 1, parts: 30, headerPairs: 50 };

/** Reads a form (`multipart/form-data`) up to its file `name`, of which nothing is kept in memory. Throws `invalid`. */
export function readForm(request: FastifyRequest, name: string): Promise<FormWithFile> {
  const body = request.body instanceof Readable ? request.body : request.raw;
  const type = request.headers['content-type'] ?? '';
  if (!/^multipart\/form-data\s*;.*boundary=/i.test(type)) {
    body.resume();
    return Promise.reject(bad(name, `Send a form (multipart/form-data) with the file "${name}".`));
  }
  return new Promise((resolve, reject) => {
    const fields = new Map<string, string>();
    const parser = new Busboy({ headers: { 'content-type': type }, limits: LIMITS });
    let file: Readable | null = null;
    const drain = () => {
      body.unpipe(parser);
      body.resume();
    };
    const fail = (error: Error) => {
      drain();
      file?.destroy(error);
      reject(error);
    };
    parser.on('field', (field: string, value: string) => fields.set(field, value));
    parser.on('file', (field: string, bytes: Readable) => {
      // Without a listener an error of it would end the server.
      bytes.on('error', () => undefined);
      file = bytes;
      if (field === name) resolve({ fields, bytes, drain });
      else fail(bad(name, `The form's file is "${field}", not "${name}".`));
    });
    const cutShort = () => fail(bad(name, 'The form was cut short, or is none.'));
    parser.on('error', cutShort);
    parser.on('finish', () => reject(bad(name, `The form has no file "${name}".`)));
    body.on('error', cutShort);
    body.on('close', () => {
      if (!body.readableEnded) cutShort();
    });
    body.pipe(parser);
  });
}

const bad = (field: string, text: string): SluiceError =>
  new SluiceError('invalid', text, { reason: 'bad_upload', fields: { [field]: [text] } });
