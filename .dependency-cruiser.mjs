/**
 * Which room may import which (docs/explanation/architecture.md). `script/structure.ts` runs these rules and checks
 * first that they see the code and that a planted violation fails.
 */
const server = 'packages/server/src';

/** A room of the server may import only what stands in `allowed`, besides itself and the ground floor. */
const room = (name, allowed) => ({
  name: `${name}-imports-only-its-neighbours`,
  severity: 'error',
  comment: `server/src/${name} may import ${allowed.join(', ') || 'no other room'}. Pass what else it needs as an argument from main.ts.`,
  from: { path: `^${server}/${name}/`, pathNot: '\\.test\\.ts$|/test/' },
  to: {
    path: `^${server}/[^/]+/`,
    pathNot: `^${server}/(${[name, 'store', ...allowed].join('|')})/`,
  },
});

export default {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Move what both need into a file that imports neither.',
      from: { pathNot: '\\.test\\.ts$' },
      to: { circular: true },
    },
    room('store', []),
    room('accounts', []),
    room('secrets', []),
    room('settings', []),
    room('logs', []),
    room('insights', []),
    room('overview', ['deploy', 'git']),
    room('system', []),
    room('telemetry', []),
    room('git', ['secrets']),
    room('applications', ['git', 'secrets']),
    room('ci', ['git', 'secrets']),
    room('deploy', ['applications', 'git', 'secrets', 'router']),
    room('services', ['applications', 'deploy', 'secrets']),
    room('pulls', ['git', 'secrets']),
    room('router', []),
    room('edge', ['settings']),
    room('onboarding', ['git', 'secrets']),
    {
      name: 'deciding-never-imports-performing',
      severity: 'error',
      comment:
        'The ordering is pure: facts and time are arguments, commands are its result. Only types of the joint may come in.',
      from: { path: `^${server}/deploy/ordering/`, pathNot: '\\.test\\.ts$|/test/' },
      to: { pathNot: `^${server}/deploy/(ordering/|pipeline-types.ts)` },
    },
    {
      name: 'onboarding-decides-without-reading',
      severity: 'error',
      comment:
        'What code tells is decided from paths and texts; only index.ts and starters.ts read.',
      from: {
        path: `^${server}/onboarding/`,
        pathNot: `^${server}/onboarding/(index|starters)\\.ts$|\\.test\\.ts$|/test/`,
      },
      to: { path: `^${server}/(?!onboarding/)` },
    },
    {
      name: 'travis-config-is-pure',
      severity: 'error',
      comment:
        'packages/travis-config is text in, values out; reading files and clocks is the caller’s.',
      from: { path: '^packages/travis-config/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/(?!travis-config/)', dependencyTypesNot: ['npm'] },
    },
    {
      name: 'travis-config-does-no-io',
      severity: 'error',
      comment: 'No Node module belongs in packages/travis-config/src.',
      from: { path: '^packages/travis-config/src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'contract-imports-no-room',
      severity: 'error',
      comment: 'The contract is what both sides share; it knows neither.',
      from: { path: '^packages/contract/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/(?!contract/)' },
    },
    {
      name: 'clients-know-only-the-contract',
      severity: 'error',
      comment: 'The CLI and the runner meet the server through packages/contract alone.',
      from: { path: '^packages/(cli|runner)/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^packages/(server|panel)/' },
    },
    {
      name: 'testing-is-private',
      severity: 'error',
      comment: 'packages/testing is for tests; shipped code never imports it.',
      from: { pathNot: '\\.test\\.ts$|^packages/testing/|/test/|^e2e/|^bench/' },
      to: { path: '^packages/testing/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Its parsers read no JSX (swc here, for TypeScript 7 has no API): biome.json holds the panel to the same two rules.
    exclude: { path: 'node_modules|^packages/panel/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
};
