/** The direction of the house: crds <- domain rooms <- doors and engines; see docs/adr/0002. */
const rooms = 'alerts|remediation|kube|queue|apiserver|process|cli|bot|diagnosis|inspection|apiservice|manifests';
const test = '\\.test\\.ts$';

function only(room, allowed) {
  return {
    name: `${room}-imports-only`,
    comment: `${room}/ may import ${allowed.length > 0 ? allowed.join(', ') : 'no other room'}`,
    severity: 'error',
    from: { path: `^${room}/`, pathNot: test },
    to: { path: `^(crds|devcluster|test|${rooms})/`, pathNot: `^(${[room, ...allowed].join('|')})/` },
  };
}

function home(packages, room) {
  return {
    name: `${room}-is-the-home-of-${packages[0].replaceAll(/[^a-z]/g, '')}`,
    severity: 'error',
    from: { pathNot: `^(${room}|devcluster|test)/|${test}` },
    to: { path: `node_modules/(${packages.join('|')})/` },
  };
}

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('crds', []),
    only('alerts', ['crds']),
    only('remediation', ['crds', 'alerts']),
    only('kube', ['crds']),
    only('process', []),
    only('apiservice', ['crds', 'kube']),
    only('queue', ['crds', 'alerts', 'remediation', 'kube', 'process']),
    only('apiserver', ['crds', 'alerts', 'remediation', 'kube', 'apiservice', 'process']),
    only('manifests', ['crds', 'apiserver', 'apiservice', 'queue']),
    {
      name: 'domain-does-no-io',
      comment: 'Rules about alerts and remediations stay testable without a cluster.',
      severity: 'error',
      from: { path: '^(crds|alerts|remediation)/', pathNot: test },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    home(['@kubernetes/client-node', 'undici'], 'kube'),
    home(['bullmq', 'ioredis'], 'queue'),
    home(['express'], 'apiserver'),
    home(['@peculiar/x509'], 'apiservice'),
    home(['mustache', 're2js'], '(remediation|alerts)'),
    {
      name: 'nobody-imports-a-main',
      comment: 'Only the command line starts roles.',
      severity: 'error',
      from: { pathNot: '^(cli|test)/' },
      to: { path: '^[a-z]+/main\\.ts$' },
    },
    {
      name: 'production-never-imports-tests',
      severity: 'error',
      from: { path: `^(crds|${rooms})/`, pathNot: test },
      to: { path: `^(test|devcluster)/|${test}` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules/(?!(@kubernetes|undici|bullmq|ioredis|express|mustache|re2js|@peculiar/x509)))' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js'],
    },
  },
};
