export interface TestFile {
  readonly path: string;
  /** The statements that it has the store run. */
  readonly statements: readonly string[];
  /** What it takes, in milliseconds. */
  readonly ms: number;
}

export interface Choice {
  /** The ones that show most in their time come first. */
  readonly files: readonly TestFile[];
  readonly covered: number;
  readonly statements: number;
}

/**
 * Pure: the files that together run the most different statements within `ms`. Those that are `always` taken come first;
 * then each time that one which brings the most new ones for its time; who brings nothing new is left out, however much
 * time there is.
 */
export function chooseFiles(
  all: readonly TestFile[],
  ms: number,
  always: readonly string[] = [],
): Choice {
  const files = all.filter(({ path }) => always.includes(path));
  const covered = new Set(files.flatMap(({ statements }) => statements));
  let left = ms - files.reduce((sum, file) => sum + file.ms, 0);
  let waiting = all.filter((file) => !files.includes(file));
  for (;;) {
    const worth = waiting
      .map((file) => ({ file, fresh: file.statements.filter((one) => !covered.has(one)).length }))
      .filter(({ file, fresh }) => fresh > 0 && file.ms <= left)
      .sort((a, b) => b.fresh / b.file.ms - a.fresh / a.file.ms);
    const [best] = worth;
    if (best === undefined) break;
    files.push(best.file);
    for (const one of best.file.statements) covered.add(one);
    left -= best.file.ms;
    waiting = worth.slice(1).map(({ file }) => file);
  }
  const statements = new Set(all.flatMap((file) => file.statements)).size;
  return { files, covered: covered.size, statements };
}
