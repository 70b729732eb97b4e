import { describe, expect, it } from '@jest/globals';
import { parseAccept } from './media-types.ts';

function types(header: string | undefined): string[] {
  return parseAccept(header).map(({ type }) => type);
}

describe('an Accept header', () => {
  it('means everything when it is absent or empty', () => {
    expect(types(undefined)).toEqual(['*/*']);
    expect(types('  ')).toEqual(['*/*']);
  });

  it('is ordered by q, then as written', () => {
    expect(types('text/html;q=0.5, application/yaml;q=0.9,application/json, a/b')).toEqual([
      'application/json',
      'a/b',
      'application/yaml',
      'text/html',
    ]);
  });

  it('loses what is refused with q=0 and what cannot be read', () => {
    expect(types('application/json;q=0, nonsense, , a/b;q=x, c/d;q=2, e/f')).toEqual(['e/f']);
  });

  it('takes parameters in any order, case and spacing, quoted or not', () => {
    const [range] = parseAccept('Application/JSON ; V=v2;as="APIGroupDiscoveryList"; g = apidiscovery.k8s.io ;q=1');
    expect(range).toEqual({
      type: 'application/json',
      parameters: { v: 'v2', as: 'APIGroupDiscoveryList', g: 'apidiscovery.k8s.io' },
    });
  });

  it('reads a parameter called __proto__ as nothing special', () => {
    expect(parseAccept('a/b;__proto__=x;as=Table')[0]?.parameters['as']).toBe('Table');
  });
});
