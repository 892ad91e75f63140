/**
 * Makes the one file that a server hands out at `/cli/sluice.mjs`: everything but Node in it, for any Node from 20 on.
 */
export default {
  ssr: { noExternal: true },
  build: {
    ssr: 'src/main.ts',
    target: 'node20',
    minify: true,
    rolldownOptions: {
      // What Docker needs has parts in machine code, and nobody runs jobs from the one file alone.
      external: ['@sluice/runner/docker'],
      output: { entryFileNames: 'sluice.mjs', codeSplitting: false },
    },
  },
};
