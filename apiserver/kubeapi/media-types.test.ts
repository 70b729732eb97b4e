import { describe, expect, it } from '@jest/globals';
import { parseAccept } from './media-types.ts';

function types(header: string | undefined): string[] {
  return parseAccept(header).map(({ type }) => type);
}

describe('an Accept header', () => {
  it('an absent or empty Accept header means any type', () => {
    expect(types(undefined)).toEqual(['*/*']);
    expect(types('  ')).toEqual(['*/*']);
  });

  it('an Accept header is ordered by q, then as written', () => {
    expect(types('text/html;q=0.5, application/yaml;q=0.9,application/json, a/b')).toEqual([
      'application/json',
      'a/b',
      'application/yaml',
      'text/html',
    ]);
  });

  it('an Accept header loses types with q=0 and unreadable entries', () => {
    expect(types('application/json;q=0, nonsense, , a/b;q=x, c/d;q=2, e/f')).toEqual(['e/f']);
  });

  it('an Accept header may have parameters in any order, case and spacing, quoted or not', () => {
    const [range] = parseAccept('Application/JSON ; V=v2;as="APIGroupDiscoveryList"; g = apidiscovery.k8s.io ;q=1');
    expect(range).toEqual({
      type: 'application/json',
      parameters: { v: 'v2', as: 'APIGroupDiscoveryList', g: 'apidiscovery.k8s.io' },
    });
  });

  it('an Accept header may have a parameter called __proto__', () => {
    expect(parseAccept('a/b;__proto__=x;as=Table')[0]?.parameters['as']).toBe('Table');
  });
});
