import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import type { FrontProxyConfig } from './front-proxy-config.ts';
import { takeIdentity } from './identity.ts';

const config: FrontProxyConfig = {
  authorities: [],
  allowedNames: [],
  usernameHeaders: ['x-remote-user'],
  groupHeaders: ['x-remote-group'],
  extraPrefixes: ['x-remote-extra-'],
  uidHeaders: [],
};
const custom: FrontProxyConfig = {
  ...config,
  usernameHeaders: ['x-my-user', 'x-other-user'],
  groupHeaders: ['x-my-group'],
  extraPrefixes: ['x-my-extra-'],
  uidHeaders: ['x-my-uid'],
};

function identityOf(rawHeaders: string[], published: FrontProxyConfig): ReturnType<typeof takeIdentity> {
  return takeIdentity({ rawHeaders } as unknown as IncomingMessage, published);
}

describe('the user of a request', () => {
  it('a user has every value of every group header in order, and no value is split', () => {
    const headers = [
      'X-Remote-User',
      'bob',
      'x-remote-group',
      'team, system:masters',
      'X-REMOTE-GROUP',
      'b',
      'X-Remote-Group',
      '',
    ];
    expect(identityOf(headers, config)).toEqual({
      name: 'bob',
      uid: '',
      groups: ['team, system:masters', 'b', 'system:authenticated'],
      extra: {},
    });
  });

  it('a user is a member of system:authenticated once, also without any group', () => {
    expect(identityOf(['X-Remote-User', 'a'], config)?.groups).toEqual(['system:authenticated']);
    const twice = ['X-Remote-User', 'a', 'X-Remote-Group', 'system:authenticated'];
    expect(identityOf(twice, config)?.groups).toEqual(['system:authenticated']);
  });

  it('an anonymous user is no member of system:authenticated', () => {
    const unknown = ['X-Remote-User', 'system:anonymous', 'X-Remote-Group', 'system:unauthenticated'];
    expect(identityOf(unknown, config)?.groups).toEqual(['system:unauthenticated']);
    expect(identityOf(['X-Remote-User', 'system:anonymous'], config)?.groups).toEqual([]);
    const other = ['X-Remote-User', 'a', 'X-Remote-Group', 'system:unauthenticated'];
    expect(identityOf(other, config)?.groups).toEqual(['system:unauthenticated']);
  });

  it('a user has extra values by key: without prefix, in lower case, decoded', () => {
    const headers = [
      'X-Remote-User',
      'a',
      'X-Remote-Extra-Scopes',
      'one, two',
      'X-Remote-Extra-scopes',
      'three',
      'X-Remote-Extra-Example.org%2fKey',
      'v',
      'X-Remote-Extra-bad%zz',
      'w',
      'X-Remote-Extra-__proto__',
      'p',
    ];
    const { extra } = identityOf(headers, config)!;
    expect(Object.entries(extra)).toEqual([
      ['scopes', ['one, two', 'three']],
      ['example.org/key', ['v']],
      ['bad%zz', ['w']],
      ['__proto__', ['p']],
    ]);
  });

  it('a user is read from the published headers only', () => {
    expect(identityOf(['X-Remote-User', 'a'], custom)).toBeUndefined();
    const headers = ['X-My-User', 'a', 'X-Remote-Group', 'system:masters', 'X-Remote-Extra-k', 'v', 'X-My-Uid', 'u'];
    expect(identityOf(headers, custom)).toEqual({ name: 'a', uid: 'u', groups: ['system:authenticated'], extra: {} });
  });

  it('a user has a uid only if the cluster publishes a header for it', () => {
    expect(identityOf(['X-Remote-User', 'a', 'X-Remote-Uid', 'u'], config)?.uid).toBe('');
  });

  it('a user has the first name of the published headers', () => {
    expect(identityOf(['X-My-User', '', 'X-Other-User', 'b'], custom)?.name).toBe('b');
    expect(identityOf(['X-My-User', 'a', 'X-My-User', 'c'], custom)?.name).toBe('a');
  });

  it('a request without a user name has no user', () => {
    expect(identityOf(['X-Remote-Group', 'system:masters'], config)).toBeUndefined();
    expect(identityOf(['X-Remote-User', ''], config)).toBeUndefined();
  });

  it('a user may have a name beyond ASCII, but not one that is no UTF-8', () => {
    const wire = Buffer.from('jürgen', 'utf8').toString('latin1');
    expect(identityOf(['X-Remote-User', wire], config)?.name).toBe('jürgen');
    expect(identityOf(['X-Remote-User', 'j\xfcrgen'], config)).toBeUndefined();
    expect(identityOf(['X-Remote-User', 'a', 'X-Remote-Group', '\xff'], config)).toBeUndefined();
    expect(identityOf(['X-Remote-User', 'a', 'X-Remote-Extra-k', '\xff'], config)).toBeUndefined();
  });
});

describe('credentials of a request', () => {
  it('credentials are removed from the request', () => {
    const rawHeaders = [
      'Accept',
      'a',
      'Authorization',
      'Bearer t',
      'X-My-User',
      'a',
      'X-Remote-User',
      'b',
      'x-my-extra-k',
      'v',
      'X-Remote-Anything',
      'c',
      'X-My-Uid',
      'u',
      'Cookie',
      'd',
      'X-My-Group',
      'g',
      'accept',
      'b',
    ];
    const request = { rawHeaders, headers: { authorization: 'Bearer t' } } as unknown as IncomingMessage;
    takeIdentity(request, custom);
    expect(request.headers).toEqual({ accept: 'a, b' });
    expect(request.rawHeaders).toEqual(['accept', 'a', 'accept', 'b']);
  });
});
