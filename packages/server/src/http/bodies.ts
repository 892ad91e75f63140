import { parse } from 'node:querystring';
import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';

/** A body that came as a form: all its values are text, so they are converted to what the schema wants. */
class FormBody {
  [field: string]: unknown;
}

/**
 * JSON and forms are the same to every route (spec/divio.md 4.1). An empty body is an empty object whatever it
 * claims to be, and the divio client's `{}` on GET is not looked at by Fastify at all.
 */
export function addBodyParsers(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.toString().trim() === '') done(null, {});
    else void parseJson(request, body.toString(), done);
  });
  void app.register(formbody, { parser: (text) => Object.assign(new FormBody(), parse(text)) });
  // `curl -X POST` without data names no content type.
  app.addHook('preValidation', async (request) => {
    if (request.routeOptions.schema?.body !== undefined) request.body ??= {};
    const query = request.query as Record<string, unknown>;
    for (const [name, value] of Object.entries(query)) {
      // The divio client sends `services/?region=X&`, and scripts send filters that they left empty.
      if (value === '') delete query[name];
    }
  });
}

/** TypeBox instead of Ajv; converts where everything is text, never JSON bodies. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema);
  return (input: unknown) => {
    const isText = httpPart !== 'body' || input instanceof FormBody;
    const plain = input instanceof FormBody ? { ...input } : input;
    const value = isText ? Value.Convert(schema, plain) : plain;
    if (compiled.Check(value)) return { value };
    return { error: [...compiled.Errors(value)] };
  };
};
