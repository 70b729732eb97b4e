import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRequestInfo } from './request-info.ts';
import { StatusError } from './status.ts';

const base = '/apis/subresources.aegis.io/v1alpha1';

/** Verb, namespace, resource, name, subresource and whether it may be served. */
function brief(method: string, url: string): string {
  const info = parseRequestInfo(method, url);
  if (!info.isResourceRequest) return `${info.verb} ${info.path}`;
  const { verb, namespace, resource, name, subresource, wellFormed } = info;
  return [verb, namespace, resource, name, subresource, wellFormed ? 'ok' : 'no'].join('|');
}

describe('a request for a resource', () => {
  it.each([
    ['POST', '/namespaces/ns/aegisalerts/x/trigger', 'create|ns|aegisalerts|x|trigger|ok'],
    ['GET', '/namespaces/ns/aegisalerts/x/inspect', 'get|ns|aegisalerts|x|inspect|ok'],
    ['HEAD', '/namespaces/ns/aegisalerts/x', 'get|ns|aegisalerts|x||ok'],
    ['PUT', '/namespaces/ns/aegisalerts/x', 'update|ns|aegisalerts|x||ok'],
    ['PATCH', '/namespaces/ns/aegisalerts/x', 'patch|ns|aegisalerts|x||ok'],
    ['DELETE', '/namespaces/ns/aegisalerts/x', 'delete|ns|aegisalerts|x||ok'],
    ['DELETE', '/namespaces/ns/aegisalerts', 'deletecollection|ns|aegisalerts|||ok'],
    ['OPTIONS', '/namespaces/ns/aegisalerts/x', '|ns|aegisalerts|x||ok'],
    ['GET', '/namespaces/ns/aegisalerts', 'list|ns|aegisalerts|||ok'],
    ['GET', '/aegisalerts', 'list||aegisalerts|||ok'],
    ['GET', '/aegisalerts?watch=true', 'watch||aegisalerts|||ok'],
    ['GET', '/aegisalerts?watch=1', 'watch||aegisalerts|||ok'],
    ['GET', '/aegisalerts?watch=False', 'list||aegisalerts|||ok'],
    ['GET', '/aegisalerts?fieldSelector=metadata.name%3Dx', 'list||aegisalerts|x||ok'],
    ['GET', '/aegisalerts?fieldSelector=metadata.name!%3Dx', 'list||aegisalerts|||ok'],
    ['GET', '/namespaces/ns/aegisalerts/x/inspect?watch=true', 'get|ns|aegisalerts|x|inspect|ok'],
    ['GET', '/nodes/n/diagnose', 'get||nodes|n|diagnose|ok'],
    ['GET', '/namespaces', 'list||namespaces|||ok'],
    ['GET', '/namespaces/x', 'get|x|namespaces|x||ok'],
    ['PUT', '/namespaces/x/status', 'update|x|namespaces|x|status|ok'],
    ['PUT', '/namespaces/x/finalize', 'update|x|namespaces|x|finalize|ok'],
  ])('%s %s is parsed as in kube-apiserver', (method, path, expected) => {
    expect(brief(method, base + path)).toBe(expected);
  });

  it.each([
    [
      'a slash that is encoded separates, as it does for whoever authorises',
      '/namespaces/ns/aegisalerts/x%2Ftrigger',
      'create|ns|aegisalerts|x|trigger|ok',
    ],
    [
      'a slash that is encoded twice does not, and is no name',
      '/namespaces/ns/aegisalerts/x%252Ftrigger',
      'create|ns|aegisalerts|x%2Ftrigger||no',
    ],
    ['more than a subresource', '/namespaces/ns/aegisalerts/x/trigger/more', 'create|ns|aegisalerts|x|trigger|no'],
    [
      'an encoded slash in a subresource',
      '/namespaces/ns/aegisalerts/x/trigger%2Fmore',
      'create|ns|aegisalerts|x|trigger|no',
    ],
    ['an empty segment', '/namespaces/ns//aegisalerts/x/trigger', 'create|ns||aegisalerts|x|no'],
    ['an empty name', '/namespaces/ns/aegisalerts//trigger', 'create|ns|aegisalerts||trigger|no'],
    ['an empty namespace', '/namespaces//aegisalerts/x/trigger', 'create||aegisalerts|x|trigger|no'],
    ['a slash at the end', '/namespaces/ns/aegisalerts/x/trigger/', 'create|ns|aegisalerts|x|trigger|no'],
    ['dots for a name', '/namespaces/ns/aegisalerts/../trigger', 'create|ns|aegisalerts|..|trigger|no'],
    ['encoded dots for a name', '/namespaces/ns/aegisalerts/%2e%2e/trigger', 'create|ns|aegisalerts|..|trigger|no'],
    ['a dot for a namespace', '/namespaces/./aegisalerts/x/trigger', 'create|.|aegisalerts|x|trigger|no'],
    ['a backslash', '/namespaces/ns/aegisalerts/x%5C..%5Cy/trigger', 'create|ns|aegisalerts|x\\..\\y|trigger|no'],
    ['a verb in the path', '/watch/namespaces/ns/aegisalerts', 'watch|ns|aegisalerts|||no'],
    ['a proxy in the path', '/proxy/namespaces/ns/aegisalerts/x/y', 'proxy|ns|aegisalerts|x||no'],
    ['a name of 254 characters', `/nodes/${'a'.repeat(254)}/diagnose`, `create||nodes|${'a'.repeat(254)}|diagnose|no`],
  ])('the path of a request with %s is parsed', (_, path, expected) => {
    expect(brief('POST', base + path)).toBe(expected);
  });

  it('a resource is never served below other prefixes', () => {
    expect(brief('GET', '/api/v1/namespaces/ns/pods/p/log')).toBe('get|ns|pods|p|log|no');
    expect(brief('GET', `/${base}/nodes/n/diagnose`)).toBe('get||nodes|n|diagnose|no');
  });
});

describe('a request for another path', () => {
  it.each(['/', '/apis', '/apis/g', '/apis/g/v', '/openapi/v3', '/healthz', '/api/v1', '//', '/apis/g/v/'])(
    'the path %s is not that of a resource',
    (path) => {
      expect(brief('GET', path)).toBe(`get ${path}`);
    },
  );

  it.each(['/apis/%', '/apis/%zz/a', '/%ff', '/%c0%af', 'apis', '*', 'https://host/apis', ''])(
    'the path %j is a bad request',
    (url) => {
      expect(() => parseRequestInfo('GET', url)).toThrow(StatusError);
    },
  );
});

describe('paths of any form', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'apis',
      'subresources.aegis.io',
      'v1alpha1',
      'namespaces',
      'ns',
      'aegisalerts',
      'x',
      'trigger',
      'status',
    ),
    fc.constantFrom('', '.', '..', '%2F', '%252F', '%2e%2e', '%', 'watch', 'proxy', '%00', '%5c', '?', ';', '//'),
    fc.string({ maxLength: 6 }),
  );

  it('a path that is served has the same segments after decoding and normalization', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), fc.constantFrom('GET', 'POST', 'DELETE'), (pieces, method) => {
        const info = attempt(method, `/${pieces.join('/')}`);
        if (info?.isResourceRequest !== true || !info.wellFormed) return;
        const { group, version, namespace, resource, name, subresource } = info;
        // A name in a selector is not part of the path.
        const own = info.verb === 'list' || info.verb === 'watch' ? '' : name;
        const parts = [resource, own, subresource].filter((part) => part !== '');
        const within = namespace === '' || resource === 'namespaces' ? [] : ['namespaces', namespace];
        expect(info.path).toBe(`/${['apis', group, version, ...within, ...parts].join('/')}`);
        for (const part of [group, version, namespace, resource, own, subresource]) expect(part).not.toMatch(/[/%\\]/);
        expect([namespace, resource, own]).not.toContain('..');
      }),
      { numRuns: 3_000 },
    );
  });
});

function attempt(method: string, url: string) {
  try {
    return parseRequestInfo(method, url);
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 400) return undefined;
    throw error;
  }
}
