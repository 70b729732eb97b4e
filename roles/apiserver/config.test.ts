import { describe, expect, it } from '@jest/globals';
import { tokenFiles } from '../../apiserver/ingest/settings.ts';
import { readConfig } from '../../process/config.ts';
import { ApiserverConfig } from './config.ts';

const loadApiserverConfig = (argv: string[], env: Record<string, string>) => readConfig(ApiserverConfig, argv, env);

function problemsOf(load: () => unknown): string {
  try {
    load();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the configuration of the apiserver role', () => {
  it('the apiserver role needs no configuration', () => {
    expect(loadApiserverConfig([], {})).toMatchObject({ ingestPort: 8080, ingestMaxBody: 8_388_608, drainDelay: 3000 });
  });

  it('the apiserver role reads token files by source', () => {
    const config = loadApiserverConfig(['--ingest-token-file=alertmanager=/run/a, default=/run/b=c'], {});
    expect([...tokenFiles(config)]).toEqual([
      ['alertmanager', '/run/a'],
      ['default', '/run/b=c'],
    ]);
  });

  it('the apiserver role reports all configuration errors at once', () => {
    const argv = ['--ingest-token-file=nagios=/run/a', '--alertmanager-url=ftp://x,http://u:p@x', '--namespace=A B'];
    const message = problemsOf(() => loadApiserverConfig(argv, {}));
    for (const flag of ['ingest-token-file', 'alertmanager-url', 'namespace']) expect(message).toContain(`--${flag}: `);
    expect(message).not.toContain('u:p');
  });
});
