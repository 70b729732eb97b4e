/** The direction of the house, see docs/adr/0002-rooms.md: each room with the rooms that it may import. */
const ground = ['lib', 'crds'];
const domain = ['alerts', 'rules', 'remediation', 'diagnosis', 'health'];
const rooms = {
  lib: [],
  crds: ['lib'],
  kube: ground,
  process: ['lib'],
  alerts: ground,
  rules: [...ground, 'alerts'],
  remediation: [...ground, 'alerts', 'rules'],
  diagnosis: [...ground, 'alerts', 'rules'],
  health: [...ground, 'alerts'],
  queue: ['lib', 'process'],
  controllers: [...ground, ...domain, 'kube', 'queue', 'process'],
  apiservice: [...ground, 'kube', 'process'],
  apiserver: [...ground, ...domain, 'kube', 'apiservice', 'process'],
  bot: [...ground, ...domain, 'kube', 'process'],
  roles: [...ground, ...domain, 'kube', 'queue', 'controllers', 'apiservice', 'apiserver', 'bot', 'process'],
  cli: [...ground, ...domain, 'kube', 'queue', 'controllers', 'apiservice', 'process', 'roles'],
  manifests: [...ground, 'kube', 'controllers', 'apiservice', 'apiserver', 'roles', 'charts'],
  charts: [],
  build: ['kube', 'cli', 'manifests', 'devcluster'],
};
const names = Object.keys(rooms);
const production = names.filter((room) => room !== 'build').join('|');
const test = '\\.test\\.ts$';

function only([room, allowed]) {
  return {
    name: `${room}-imports-only`,
    comment: `${room}/ may import ${allowed.length > 0 ? allowed.join(', ') : 'no other room'}`,
    severity: 'error',
    from: { path: `^${room}/`, pathNot: test },
    to: { path: `^(devcluster|test|${names.join('|')})/`, pathNot: `^(${[room, ...allowed].join('|')})/` },
  };
}

function home(packages, ...homes) {
  return {
    name: `home-of-${packages[0].replaceAll(/[^a-z]/g, '')}`,
    severity: 'error',
    from: { pathNot: `^(${[...homes, 'build', 'devcluster', 'test'].join('|')})/|${test}` },
    to: { path: `node_modules/(${packages.join('|')})/` },
  };
}

const packages = [
  home(['@kubernetes/client-node', 'undici'], 'kube'),
  home(['bullmq', 'ioredis'], 'queue'),
  home(['express'], 'apiserver'),
  home(['@peculiar/x509'], 'apiservice'),
  home(['mustache'], 'remediation/render'),
  home(['re2js'], 'lib', 'rules', 'remediation/render'),
  home(['commander'], 'cli'),
  home(['pino'], 'process'),
  home(['@slack/bolt'], 'bot'),
  home(['@anthropic-ai/sdk'], 'diagnosis/explanation'),
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(rooms).map(only),
    {
      name: 'domain-does-no-io',
      comment: 'Rules about alerts and remediations stay testable without a cluster.',
      severity: 'error',
      from: { path: `^(${[...ground, ...domain].join('|')})/`, pathNot: test },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(async_hooks|crypto|timers/promises)$' },
    },
    ...packages,
    {
      name: 'only-the-command-line-imports-a-main',
      severity: 'error',
      from: { pathNot: '^(cli|roles/all|test)/' },
      to: { path: '^roles/[a-z]+/main\\.ts$' },
    },
    {
      name: 'production-never-imports-tests',
      severity: 'error',
      from: { path: `^(${production})/`, pathNot: test },
      to: { path: `^(test|devcluster)/|${test}` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: {
      path: '^(node_modules/(?!(@kubernetes|undici|bullmq|ioredis|express|mustache|re2js|@peculiar/x509|commander|prom-client|pino|@slack|@anthropic-ai)))',
    },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
