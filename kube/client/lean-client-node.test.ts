import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { models, standIn } from './lean-client-node.ts';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../../node_modules', import.meta.url));

function source(path: string): string {
  return readFileSync(`${root}/@kubernetes/client-node/dist/${path}`, 'utf8');
}

/** These fail when an upgrade of @kubernetes/client-node moves the files that Aegis imports or replaces; see ADR 8. */
describe('the deep import of @kubernetes/client-node', () => {
  it('the deep import of client-node provides a KubeConfig that reads kubeconfigs', () => {
    expect(require.resolve('@kubernetes/client-node/dist/config.js')).toBe(
      `${root}/@kubernetes/client-node/dist/config.js`,
    );
    for (const method of ['loadFromFile', 'loadFromDefault', 'loadFromCluster', 'applyToHTTPSOptions'] as const) {
      expect(KubeConfig.prototype).toHaveProperty(method, expect.any(Function));
    }
  });

  it('client-node loads the generated models from the one file that the loader hook replaces', () => {
    const imports = [...source('config.js').matchAll(/from '(\.\/gen[^']*)'/g)].map(([, path]) => path);
    expect(imports).toEqual(['./gen/index.js']);
    expect(`${root}/@kubernetes/client-node/dist/gen/index.js`.endsWith(models)).toBe(true);
  });

  it('the replacement of the generated models has every export that client-node uses', () => {
    const [, names = ''] = /import \{([^}]*)\} from '\.\/gen\/index\.js'/.exec(source('config.js')) ?? [];
    const imported = names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) expect(standIn).toMatch(new RegExp(`export (function|class) ${name}\\b`));
  });
});
