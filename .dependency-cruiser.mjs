/**
 * Who may import whom: the table in CONTRIBUTING.md, rule for rule.
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'shared-imports-nothing-of-ours',
      comment: 'The wire contract is what the parts agree on; it cannot know any of them.',
      severity: 'error',
      from: { path: '^shared/src/' },
      to: { path: '^(server|runner|dashboard|bench|e2e|scripts)/' },
    },
    {
      name: 'shared-runs-everywhere',
      comment: 'It is bundled for the browser too, so it has no Node built-ins.',
      severity: 'error',
      from: { path: '^shared/src/', pathNot: ['\\.test\\.ts$', '^shared/src/archives/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'archives-are-for-server-and-runner',
      comment: 'They are read with streams of Node, by both in the same way.',
      severity: 'error',
      from: { path: ['^shared/src/', '^dashboard/'], pathNot: '^shared/src/archives/' },
      to: { path: '^shared/src/archives/' },
    },
    {
      name: 'domain-imports-only-shared',
      comment:
        "Decisions are pure: clock, randomness and I/O are arguments. A lane's hash needs node:crypto, version ranges semver.",
      severity: 'error',
      from: { path: '^server/src/domain/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^server/src/domain/', '^shared/src/', '^(node:)?crypto$', 'node_modules/(@types/)?semver/'] },
    },
    {
      name: 'edges-do-not-touch-the-database',
      comment: 'Controllers and gateways call services; what is stored how is no business of theirs.',
      severity: 'error',
      from: { path: '\\.(controller|gateway)\\.ts$' },
      to: { path: ['\\.(repository|entity|sql)\\.ts$', 'node_modules/(typeorm|@nestjs/typeorm|pg)/'] },
    },
    {
      name: 'only-gateways-know-socket-io',
      comment: 'Everything else speaks through services and events, and can be tested without sockets.',
      severity: 'error',
      from: {
        path: '^server/src/',
        pathNot: ['^server/src/(runner-gateway|live)/', '\\.test\\.ts$'],
      },
      to: { path: 'node_modules/(socket\\.io|@nestjs/platform-socket\\.io)/' },
    },
    {
      name: 'only-connection-knows-socket-io-client',
      comment: 'The runner works on while the connection is gone, so nothing else may depend on one.',
      severity: 'error',
      from: { path: '^runner/src/', pathNot: ['^runner/src/connection/', '\\.test\\.ts$'] },
      to: { path: 'node_modules/socket\\.io-client/' },
    },
    {
      name: 'only-process-knows-execa',
      comment: 'Starting and ending process trees has traps enough for one folder.',
      severity: 'error',
      from: { path: '^runner/src/', pathNot: '^runner/src/process/' },
      to: { path: 'node_modules/execa/' },
    },
    {
      name: 'server-stands-alone',
      comment: 'The parts meet on the wire only.',
      severity: 'error',
      from: { path: '^server/src/' },
      to: { path: '^(runner|dashboard|bench|e2e)/' },
    },
    {
      name: 'runner-stands-alone',
      comment: 'The parts meet on the wire only.',
      severity: 'error',
      from: { path: '^runner/src/' },
      to: { path: '^(server|dashboard|bench|e2e)/' },
    },
    {
      name: 'dashboard-stands-alone',
      comment: 'The parts meet on the wire only.',
      severity: 'error',
      from: { path: '^dashboard/' },
      to: { path: '^(server|runner|bench|e2e)/' },
    },
    {
      name: 'ui-knows-nothing-of-the-product',
      comment: 'Building blocks take what they show as properties.',
      severity: 'error',
      from: { path: '^dashboard/src/ui/' },
      to: { path: '^dashboard/src/(features|api|live|app)/' },
    },
    {
      name: 'sources-do-not-import-tests',
      comment: 'What runs in production does not depend on what tests it.',
      severity: 'error',
      from: { path: '^(shared|server|runner|dashboard|bench)/src/', pathNot: '\\.test\\.tsx?$' },
      to: { path: ['\\.test\\.tsx?$', '^(server|runner)/test/', '^e2e/'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or lack a third. Types alone may point back.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'An import that is not found would slip past the rules above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/', '\\.next/'] },
    exclude: { path: ['/dist/', '\\.next/', '\\.css$'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
