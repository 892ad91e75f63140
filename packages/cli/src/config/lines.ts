/**
 * The lines of a stream of UTF-8 text. Unlike `node:readline` it ends them at line feeds only: JSON texts may hold
 * U+2028, U+2029 and, around values, carriage returns.
 */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let open = '';
  for await (const chunk of stream) {
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    open += first;
    for (const next of others) {
      yield open;
      open = next;
    }
  }
  yield open + decoder.decode();
}
