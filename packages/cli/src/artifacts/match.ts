/** Whether a path is wanted: by any of the patterns, or always where there are none. */
export function matcher(patterns: readonly string[]): (path: string) => boolean {
  if (patterns.length === 0) return () => true;
  const expressions = patterns.map(expressionOf);
  return (path) => expressions.some((one) => one.test(path));
}

/** `*` and `?` within a name, `**` over directories; what names a directory means all below it. */
function expressionOf(pattern: string): RegExp {
  const trimmed = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  const text = trimmed.replaceAll(/\*\*\/|\*\*|\*|\?|[\\^$.|+()[\]{}]/g, (one) => {
    if (one === '**/') return '(?:.*/)?';
    if (one === '**') return '.*';
    if (one === '*') return '[^/]*';
    if (one === '?') return '[^/]';
    return `\\${one}`;
  });
  return new RegExp(`^${text}(?:/.*)?$`, 'u');
}
