const skipWords =
  /\[(?:(?:ci|travis|travis ci|travis-ci|travisci) skip|skip (?:ci|travis|travis ci|travis-ci|travisci))\]/i;

/** Whether a commit's message asks for no build, as with `[skip ci]` (spec 12). */
export function hasSkipWord(message: string): boolean {
  return skipWords.test(message);
}
